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
    op.create_table('task_limits',
    sa.Column('task', sa.String(length=100), nullable=False),
    sa.Column('rate', sa.String(length=20), nullable=True),
    sa.Column('concurrency', sa.Integer(), nullable=True),
    sa.Column('next_at', sa.Double(), server_default='0', nullable=False),
    sa.Column('changed_by', sa.String(length=120), nullable=True),
    sa.PrimaryKeyConstraint('task', name=op.f('pk_task_limits'))
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
    op.add_column('doorbells', sa.Column('turn', sa.BigInteger(), server_default='0', nullable=False))

    op.add_column('jobs', sa.Column('version', sa.Integer(), server_default='1', nullable=False))
    op.add_column('jobs', sa.Column('fair_key', sa.String(length=120), server_default='', nullable=False))
    op.add_column('jobs', sa.Column('turn', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('jobs', sa.Column('gate', sa.String(length=200), nullable=True))
    op.add_column('jobs', sa.Column('flow_id', sa.String(length=36), nullable=True))
    op.add_column('jobs', sa.Column('needs', sa.Integer(), server_default='0', nullable=False))
    op.add_column('jobs', sa.Column('has_dependents', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('jobs', sa.Column('answers_celery', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('jobs', sa.Column('asked_by', sa.String(length=120), nullable=True))
    op.add_column('jobs', sa.Column('trace', sa.String(length=60), nullable=True))
    op.create_index('ix_jobs_flow_id', 'jobs', ['flow_id'], unique=False, sqlite_where=sa.text('flow_id IS NOT NULL'), postgresql_where=sa.text('flow_id IS NOT NULL'))
    op.create_index('ix_jobs_gate', 'jobs', ['gate'], unique=False, sqlite_where=sa.text('gate IS NOT NULL'), postgresql_where=sa.text('gate IS NOT NULL'))
    op.create_index('ix_jobs_task_executing', 'jobs', ['task'], unique=False, sqlite_where=sa.text("state = 'executing'"), postgresql_where=sa.text("state = 'executing'"))
    op.create_index('ix_jobs_turn', 'jobs', ['queue', 'fair_key', 'turn'], unique=False, sqlite_where=sa.text("state = 'available'"), postgresql_where=sa.text("state = 'available'"))

    available = sa.text("state = 'available'")
    op.create_index('ix_jobs_head', 'jobs', ['queue', 'task', sa.text('priority DESC'), 'turn', 'id'], sqlite_where=available, postgresql_where=available)

    op.create_index('ix_stories_rank', 'stories', [sa.text('rank DESC')])  # 0001 forgot it

    op.add_column('schedules', sa.Column('args', stonehand.db.Json, server_default='{}', nullable=False))
    op.add_column('schedules', sa.Column('priority', sa.Integer(), server_default='5', nullable=False))
    op.add_column('schedules', sa.Column('cron', sa.String(length=120), nullable=True))
    op.add_column('schedules', sa.Column('timezone', sa.String(length=60), server_default='UTC', nullable=False))
    op.add_column('schedules', sa.Column('missed', sa.String(length=10), server_default='once', nullable=False))
    op.add_column('schedules', sa.Column('is_own', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('schedules', sa.Column('is_edited', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('schedules', sa.Column('changed_by', sa.String(length=120), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('schedules', schema=None) as batch_op:
        batch_op.drop_column('changed_by')
        batch_op.drop_column('is_edited')
        batch_op.drop_column('is_own')
        batch_op.drop_column('missed')
        batch_op.drop_column('timezone')
        batch_op.drop_column('cron')
        batch_op.drop_column('priority')
        batch_op.drop_column('args')

    op.drop_index('ix_stories_rank', table_name='stories')
    op.drop_index('ix_jobs_head', table_name='jobs')
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.drop_index('ix_jobs_turn', sqlite_where=sa.text("state = 'available'"), postgresql_where=sa.text("state = 'available'"))
        batch_op.drop_index('ix_jobs_task_executing', sqlite_where=sa.text("state = 'executing'"), postgresql_where=sa.text("state = 'executing'"))
        batch_op.drop_index('ix_jobs_gate', sqlite_where=sa.text('gate IS NOT NULL'), postgresql_where=sa.text('gate IS NOT NULL'))
        batch_op.drop_index('ix_jobs_flow_id', sqlite_where=sa.text('flow_id IS NOT NULL'), postgresql_where=sa.text('flow_id IS NOT NULL'))
        batch_op.drop_column('trace')
        batch_op.drop_column('asked_by')
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
    op.drop_table('task_limits')
    op.drop_table('breakers')
