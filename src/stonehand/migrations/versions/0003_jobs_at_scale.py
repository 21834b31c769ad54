"""jobs at scale."""

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('breakers',
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('state', sa.String(length=10), server_default='CLOSED', nullable=False),
    sa.Column('failures', sa.Integer(), server_default='0', nullable=False),
    sa.Column('opened_at', sa.Double(), server_default='0', nullable=False),
    sa.Column('probe_at', sa.Double(), server_default='0', nullable=False),
    sa.Column('held_by', sa.String(length=120), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('changed_at', sa.Double(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_breakers'))
    )
    op.create_table('paces',
    sa.Column('target', sa.String(length=200), nullable=False),
    sa.Column('rate', sa.String(length=20), nullable=False),
    sa.Column('changed_by', sa.String(length=120), nullable=False),
    sa.PrimaryKeyConstraint('target', name=op.f('pk_paces'))
    )
    op.create_table('task_limits',
    sa.Column('task', sa.String(length=100), nullable=False),
    sa.Column('rate', sa.String(length=20), nullable=True),
    sa.Column('concurrency', sa.Integer(), nullable=True),
    sa.Column('next_at', sa.Double(), server_default='0', nullable=False),
    sa.Column('changed_by', sa.String(length=120), nullable=True),
    sa.PrimaryKeyConstraint('task', name=op.f('pk_task_limits'))
    )
    op.create_table('unknown_tasks',
    sa.Column('queue', sa.String(length=40), nullable=False),
    sa.Column('task', sa.String(length=100), nullable=False),
    sa.Column('since', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('queue', 'task', name=op.f('pk_unknown_tasks'))
    )
    op.create_table('job_dependencies',
    sa.Column('job_id', sa.String(length=36), nullable=False),
    sa.Column('needs_id', sa.String(length=36), nullable=False),
    sa.Column('is_met', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.ForeignKeyConstraint(['job_id'], ['jobs.id'], name=op.f('fk_job_dependencies_job_id_jobs'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('job_id', 'needs_id', name=op.f('pk_job_dependencies'))
    )
    op.create_index('ix_job_dependencies_needs_id', 'job_dependencies', ['needs_id'], unique=False)

    op.create_table('job_logs',
    sa.Column('job_id', sa.String(length=36), nullable=False),
    sa.Column('fence', sa.BigInteger(), nullable=False),
    sa.Column('lines', stonehand.db.Json, nullable=False),
    sa.ForeignKeyConstraint(['job_id'], ['jobs.id'], name=op.f('fk_job_logs_job_id_jobs'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('job_id', 'fence', name=op.f('pk_job_logs'))
    )
    op.create_table('queue_samples',
    sa.Column('queue', sa.String(length=40), nullable=False),
    sa.Column('at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('waiting', sa.Integer(), nullable=False),
    sa.Column('running', sa.Integer(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('age', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('queue', 'at', name=op.f('pk_queue_samples'))
    )
    op.create_index('ix_queue_samples_at', 'queue_samples', ['at'])
    op.add_column('workers', sa.Column('version', sa.String(length=40), server_default='', nullable=False))
    op.add_column('workers', sa.Column('processes', stonehand.db.Json, server_default='[]', nullable=False))
    op.add_column('llm_calls', sa.Column('job_id', sa.String(length=36), nullable=True))
    op.create_index('ix_llm_calls_job_id', 'llm_calls', ['job_id'])
    op.add_column('doorbells', sa.Column('turn', sa.BigInteger(), server_default='0', nullable=False))

    op.add_column('jobs', sa.Column('version', sa.Integer(), server_default='1', nullable=False))
    op.add_column('jobs', sa.Column('fair_key', sa.String(length=120), server_default='', nullable=False))
    op.add_column('jobs', sa.Column('turn', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('jobs', sa.Column('gate', sa.String(length=200), nullable=True))
    op.add_column('jobs', sa.Column('flow_id', sa.String(length=36), nullable=True))
    op.add_column('jobs', sa.Column('needs', sa.Integer(), server_default='0', nullable=False))
    op.add_column('jobs', sa.Column('has_dependents', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('jobs', sa.Column('answers_celery', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('jobs', sa.Column('celery_id', sa.String(length=155), nullable=True))
    op.add_column('jobs', sa.Column('called_as', sa.String(length=100), nullable=True))
    op.create_index('uq_jobs_celery_id', 'jobs', ['celery_id'], unique=True, sqlite_where=sa.text('celery_id IS NOT NULL'), postgresql_where=sa.text('celery_id IS NOT NULL'))
    op.create_index('ix_jobs_answers_celery', 'jobs', ['state'], sqlite_where=sa.text('answers_celery'), postgresql_where=sa.text('answers_celery'))
    op.add_column('jobs', sa.Column('asked_by', sa.String(length=120), nullable=True))
    op.add_column('jobs', sa.Column('trace', sa.String(length=60), nullable=True))
    op.add_column('jobs', sa.Column('fingerprint', sa.String(length=32), nullable=True))
    has_parent, has_key, is_dead = sa.text('parent_id IS NOT NULL'), sa.text('unique_key IS NOT NULL'), sa.text("state IN ('discarded', 'needs_reconcile')")
    op.create_index('ix_jobs_parent_id', 'jobs', ['parent_id'], sqlite_where=has_parent, postgresql_where=has_parent)
    op.create_index('ix_jobs_known_as', 'jobs', ['unique_key'], sqlite_where=has_key, postgresql_where=has_key)
    is_put_off = sa.text("state IN ('scheduled', 'retryable')")
    op.create_index('ix_jobs_put_off', 'jobs', ['queue', 'state'], sqlite_where=is_put_off, postgresql_where=is_put_off)
    op.create_index('ix_jobs_fingerprint', 'jobs', ['fingerprint', 'id'], sqlite_where=is_dead, postgresql_where=is_dead)
    op.create_index('ix_jobs_flow_id', 'jobs', ['flow_id'], unique=False, sqlite_where=sa.text('flow_id IS NOT NULL'), postgresql_where=sa.text('flow_id IS NOT NULL'))
    op.create_index('ix_jobs_gate', 'jobs', ['gate'], unique=False, sqlite_where=sa.text('gate IS NOT NULL'), postgresql_where=sa.text('gate IS NOT NULL'))
    op.drop_index('ix_jobs_claim_id', table_name='jobs')
    op.create_index('ix_jobs_turn', 'jobs', ['queue', 'fair_key', 'turn', 'run_at'], unique=False, sqlite_where=sa.text("state = 'available'"), postgresql_where=sa.text("state = 'available'"))

    available = sa.text("state = 'available'")
    op.create_index('ix_jobs_head', 'jobs', ['queue', 'task', sa.text('priority DESC'), 'turn', 'id'], sqlite_where=available, postgresql_where=available)

    op.create_index('ix_stories_rank', 'stories', [sa.text('rank DESC')])  # 0001 forgot it

    op.add_column('schedules', sa.Column('args', stonehand.db.Json, server_default='{}', nullable=False))
    op.add_column('schedules', sa.Column('priority', sa.Integer(), server_default='5', nullable=False))
    op.add_column('schedules', sa.Column('cron', sa.String(length=120), nullable=True))
    op.add_column('schedules', sa.Column('timezone', sa.String(length=60), server_default='UTC', nullable=False))
    op.add_column('schedules', sa.Column('missed', sa.String(length=10), server_default='once', nullable=False))
    op.add_column('schedules', sa.Column('jitter', sa.Integer(), server_default='0', nullable=False))
    op.add_column('schedules', sa.Column('is_own', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('schedules', sa.Column('is_edited', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('schedules', sa.Column('changed_by', sa.String(length=120), nullable=True))
    op.add_column('schedule_runs', sa.Column('outcome', sa.String(length=20), server_default='fired', nullable=False))

    op.add_column('channels', sa.Column('secrets', stonehand.db.Json, server_default='{}', nullable=False))
    op.add_column('channels', sa.Column('trouble', sa.Text(), nullable=True))
    op.add_column('publications', sa.Column('notes', stonehand.db.Json, server_default='{}', nullable=False))
    op.add_column('publications', sa.Column('doubt_since', stonehand.db.UtcDateTime(timezone=True), nullable=True))

    op.create_table('idempotency_keys',
    sa.Column('user_id', sa.String(), nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('begun_at', stonehand.db.UtcDateTime(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('headers', stonehand.db.Json, server_default='{}', nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_idempotency_keys_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'key', name=op.f('pk_idempotency_keys'))
    )
    op.create_index('ix_idempotency_keys_begun_at', 'idempotency_keys', ['begun_at'])

    op.create_table('backups',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('made_at', stonehand.db.UtcDateTime(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('seconds', sa.Double(), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_backups'))
    )
    op.create_table('alerts',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('rule', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.String(length=150), nullable=False),
    sa.Column('sentence', sa.Text(), nullable=False),
    sa.Column('began_at', stonehand.db.UtcDateTime(), nullable=False),
    sa.Column('seen_at', stonehand.db.UtcDateTime(), nullable=False),
    sa.Column('ended_at', stonehand.db.UtcDateTime(), nullable=True),
    sa.Column('told_at', stonehand.db.UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alerts'))
    )
    op.create_index('uq_alerts_key', 'alerts', ['key'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('alert_mutes',
    sa.Column('target', sa.String(length=200), nullable=False),
    sa.Column('until', stonehand.db.UtcDateTime(), nullable=False),
    sa.Column('by', sa.String(length=120), nullable=False),
    sa.PrimaryKeyConstraint('target', name=op.f('pk_alert_mutes'))
    )
    op.create_table('work_totals',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('task', sa.String(length=100), nullable=False),
    sa.Column('label', sa.String(length=20), nullable=False),
    sa.Column('value', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('name', 'task', 'label', name=op.f('pk_work_totals'))
    )
    op.create_table('work_marks',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_work_marks'))
    )
    has_result = sa.text('result IS NOT NULL')
    op.create_index('ix_jobs_result', 'jobs', ['finished_at'], unique=False, sqlite_where=has_result, postgresql_where=has_result)
    op.create_index('ix_job_attempts_ended_at', 'job_attempts', ['ended_at'], unique=False)
    op.add_column('article_texts', sa.Column('packed', sa.LargeBinary(), nullable=True))
    op.add_column('articles', sa.Column('archived_at', stonehand.db.UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('schedule_runs', schema=None) as batch_op:
        batch_op.drop_column('outcome')

    with op.batch_alter_table('articles', schema=None) as batch_op:
        batch_op.drop_column('archived_at')
    with op.batch_alter_table('article_texts', schema=None) as batch_op:
        batch_op.drop_column('packed')
    op.drop_index('ix_jobs_result', table_name='jobs')
    op.drop_index('ix_job_attempts_ended_at', table_name='job_attempts')
    op.drop_table('work_marks')
    op.drop_table('work_totals')
    op.drop_table('alert_mutes')
    op.drop_index('uq_alerts_key', table_name='alerts')
    op.drop_table('alerts')
    op.drop_table('idempotency_keys')
    op.drop_table('backups')
    with op.batch_alter_table('publications', schema=None) as batch_op:
        batch_op.drop_column('doubt_since')
        batch_op.drop_column('notes')
    with op.batch_alter_table('channels', schema=None) as batch_op:
        batch_op.drop_column('trouble')
        batch_op.drop_column('secrets')
    with op.batch_alter_table('schedules', schema=None) as batch_op:
        batch_op.drop_column('changed_by')
        batch_op.drop_column('is_edited')
        batch_op.drop_column('is_own')
        batch_op.drop_column('jitter')
        batch_op.drop_column('missed')
        batch_op.drop_column('timezone')
        batch_op.drop_column('cron')
        batch_op.drop_column('priority')
        batch_op.drop_column('args')

    op.drop_index('ix_stories_rank', table_name='stories')
    op.drop_index('ix_jobs_head', table_name='jobs')
    for name in ('ix_jobs_put_off', 'ix_jobs_parent_id', 'ix_jobs_known_as', 'ix_jobs_fingerprint'):
        op.drop_index(name, table_name='jobs')
    op.drop_index('ix_llm_calls_job_id', table_name='llm_calls')
    with op.batch_alter_table('llm_calls', schema=None) as batch_op:
        batch_op.drop_column('job_id')
    with op.batch_alter_table('workers', schema=None) as batch_op:
        batch_op.drop_column('processes')
        batch_op.drop_column('version')
    op.drop_table('queue_samples')
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.drop_index('ix_jobs_turn', sqlite_where=sa.text("state = 'available'"), postgresql_where=sa.text("state = 'available'"))
        batch_op.create_index('ix_jobs_claim_id', ['claim_id'], unique=False, sqlite_where=sa.text('claim_id IS NOT NULL'), postgresql_where=sa.text('claim_id IS NOT NULL'))
        batch_op.drop_index('ix_jobs_gate', sqlite_where=sa.text('gate IS NOT NULL'), postgresql_where=sa.text('gate IS NOT NULL'))
        batch_op.drop_index('ix_jobs_flow_id', sqlite_where=sa.text('flow_id IS NOT NULL'), postgresql_where=sa.text('flow_id IS NOT NULL'))
        batch_op.drop_column('fingerprint')
        batch_op.drop_column('trace')
        batch_op.drop_column('asked_by')
        batch_op.drop_index('uq_jobs_celery_id', sqlite_where=sa.text('celery_id IS NOT NULL'), postgresql_where=sa.text('celery_id IS NOT NULL'))
        batch_op.drop_index('ix_jobs_answers_celery', sqlite_where=sa.text('answers_celery'), postgresql_where=sa.text('answers_celery'))
        batch_op.drop_column('called_as')
        batch_op.drop_column('celery_id')
        batch_op.drop_column('answers_celery')
        batch_op.drop_column('has_dependents')
        batch_op.drop_column('needs')
        batch_op.drop_column('flow_id')
        batch_op.drop_column('gate')
        batch_op.drop_column('turn')
        batch_op.drop_column('fair_key')
        batch_op.drop_column('version')

    with op.batch_alter_table('doorbells', schema=None) as batch_op:
        batch_op.drop_column('turn')

    op.drop_table('job_logs')
    with op.batch_alter_table('job_dependencies', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_job_dependencies_needs_id'))

    op.drop_table('job_dependencies')
    op.drop_table('unknown_tasks')
    op.drop_table('task_limits')
    op.drop_table('paces')
    op.drop_table('breakers')
