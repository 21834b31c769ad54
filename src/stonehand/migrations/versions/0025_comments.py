"""comments on platforms: processes, articles, comments, who opted out"""

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('comment_articles',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('platform_id', sa.String(), nullable=False),
    sa.Column('remote_id', sa.String(), nullable=False),
    sa.Column('url', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('author', sa.String(), server_default='', nullable=False),
    sa.Column('category', sa.String(), server_default='', nullable=False),
    sa.Column('task', sa.String(), server_default='', nullable=False),
    sa.Column('text', sa.Text(), server_default='', nullable=False),
    sa.Column('html', sa.Text(), server_default='', nullable=False),
    sa.Column('published_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('edited_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('read_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('found_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['platform_id'], ['platforms.id'], name=op.f('fk_comment_articles_platform_id_platforms'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment_articles')),
    sa.UniqueConstraint('platform_id', 'remote_id', name=op.f('uq_comment_articles_platform_id_remote_id'))
    )
    op.create_table('comment_opt_outs',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('platform_id', sa.String(), nullable=False),
    sa.Column('author', sa.String(), server_default='', nullable=False),
    sa.Column('author_key', sa.String(), server_default='', nullable=False),
    sa.Column('reason', sa.String(), server_default='', nullable=False),
    sa.Column('created_by', sa.String(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['platform_id'], ['platforms.id'], name=op.f('fk_comment_opt_outs_platform_id_platforms'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment_opt_outs')),
    sa.UniqueConstraint('platform_id', 'author_key', name=op.f('uq_comment_opt_outs_platform_id_author_key'))
    )
    op.create_table('comment_processes',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('description', sa.String(), server_default='', nullable=False),
    sa.Column('platform_id', sa.String(), nullable=False),
    sa.Column('owner_id', sa.String(), nullable=True),
    sa.Column('model_id', sa.String(), server_default='', nullable=False),
    sa.Column('generate_only', sa.Boolean(), nullable=False),
    sa.Column('is_hidden', sa.Boolean(), nullable=False),
    sa.Column('looks_once', sa.Boolean(), nullable=False),
    sa.Column('tab', sa.String(), server_default='', nullable=False),
    sa.Column('category', sa.String(), server_default='', nullable=False),
    sa.Column('task', sa.String(), server_default='', nullable=False),
    sa.Column('search', sa.String(), server_default='', nullable=False),
    sa.Column('most_articles', sa.Integer(), server_default='20', nullable=False),
    sa.Column('max_duration_minutes', sa.Integer(), server_default='180', nullable=False),
    sa.Column('auto_reason', sa.Text(), server_default='', nullable=False),
    sa.Column('auto_by', sa.String(), server_default='', nullable=False),
    sa.Column('auto_per_day', sa.Integer(), server_default='0', nullable=False),
    sa.Column('auto_until', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.Column('trouble', sa.Text(), server_default='', nullable=False),
    sa.Column('trouble_streak', sa.Integer(), server_default='0', nullable=False),
    sa.Column('empty_streak', sa.Integer(), server_default='0', nullable=False),
    sa.Column('looks', sa.Integer(), server_default='0', nullable=False),
    sa.Column('empty_looks', sa.Integer(), server_default='0', nullable=False),
    sa.Column('next_look_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('discovery_job_id', sa.String(), nullable=True),
    sa.Column('preparation_job_id', sa.String(), nullable=True),
    sa.Column('generation_job_id', sa.String(), nullable=True),
    sa.Column('posting_job_id', sa.String(), nullable=True),
    sa.Column('started_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('first_written_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('last_activity_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('created_by', sa.String(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('deleted_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('created', 'running', 'stopping', 'stopped', 'completed', 'failed', 'timed_out')", name=op.f('ck_comment_processes_state_known')),
    sa.ForeignKeyConstraint(['platform_id'], ['platforms.id'], name=op.f('fk_comment_processes_platform_id_platforms'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment_processes'))
    )
    op.create_index(op.f('ix_comment_processes_platform_id'), 'comment_processes', ['platform_id'], unique=False)
    op.create_index('ix_comment_processes_state', 'comment_processes', ['state', 'next_look_at'], unique=False)
    op.create_table('comment_process_logins',
    sa.Column('process_id', sa.String(), nullable=False),
    sa.Column('login_id', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['login_id'], ['platform_logins.id'], name=op.f('fk_comment_process_logins_login_id_platform_logins'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['process_id'], ['comment_processes.id'], name=op.f('fk_comment_process_logins_process_id_comment_processes'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('process_id', 'login_id', name=op.f('pk_comment_process_logins'))
    )
    op.create_index(op.f('ix_comment_process_logins_login_id'), 'comment_process_logins', ['login_id'], unique=False)
    op.create_table('comment_process_prompts',
    sa.Column('process_id', sa.String(), nullable=False),
    sa.Column('prompt_key', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['process_id'], ['comment_processes.id'], name=op.f('fk_comment_process_prompts_process_id_comment_processes'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('process_id', 'prompt_key', name=op.f('pk_comment_process_prompts'))
    )
    op.create_table('comments',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('process_id', sa.String(), nullable=False),
    sa.Column('article_id', sa.String(), nullable=False),
    sa.Column('login_id', sa.String(), nullable=False),
    sa.Column('login_name', sa.String(), nullable=False),
    sa.Column('prompt_key', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('html', sa.Text(), server_default='', nullable=False),
    sa.Column('language', sa.String(), server_default='', nullable=False),
    sa.Column('reasoning', sa.Text(), server_default='', nullable=False),
    sa.Column('warnings', stonehand.db.Json, server_default='[]', nullable=False),
    sa.Column('writer', sa.String(), server_default='', nullable=False),
    sa.Column('model', sa.String(), server_default='', nullable=False),
    sa.Column('prompt_label', sa.String(), server_default='', nullable=False),
    sa.Column('cost_micro', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('input_tokens', sa.Integer(), server_default='0', nullable=False),
    sa.Column('output_tokens', sa.Integer(), server_default='0', nullable=False),
    sa.Column('is_hidden', sa.Boolean(), nullable=False),
    sa.Column('error', sa.Text(), server_default='', nullable=False),
    sa.Column('failed_at_stage', sa.String(), server_default='', nullable=False),
    sa.Column('job_id', sa.String(), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('approved_by', sa.String(), server_default='', nullable=False),
    sa.Column('approved_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('approved_sha256', sa.String(), server_default='', nullable=False),
    sa.Column('decision_note', sa.Text(), server_default='', nullable=False),
    sa.Column('begun_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('notes', stonehand.db.Json, server_default='{}', nullable=False),
    sa.Column('doubt_since', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('remote_id', sa.String(), server_default='', nullable=False),
    sa.Column('remote_url', sa.String(), server_default='', nullable=False),
    sa.Column('remote_text', sa.Text(), server_default='', nullable=False),
    sa.Column('is_pending_there', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('posted_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("state IN ('discovered', 'prepared', 'generated', 'approved', 'posting', 'posted', 'failed', 'needs_reconcile', 'skipped', 'rejected', 'deleted')", name=op.f('ck_comments_state_known')),
    sa.ForeignKeyConstraint(['article_id'], ['comment_articles.id'], name=op.f('fk_comments_article_id_comment_articles'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['process_id'], ['comment_processes.id'], name=op.f('fk_comments_process_id_comment_processes'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comments')),
    sa.UniqueConstraint('process_id', 'article_id', 'login_id', 'prompt_key', name='uq_comments_process_article_login_prompt')
    )
    op.create_index('ix_comments_article_id', 'comments', ['article_id'], unique=False)
    op.create_index('ix_comments_login_id_begun_at', 'comments', ['login_id', 'begun_at'], unique=False)
    op.create_index('ix_comments_process_id_state', 'comments', ['process_id', 'state'], unique=False)
    op.create_index('ix_comments_state_updated_at', 'comments', ['state', 'updated_at'], unique=False)
    op.add_column('platforms', sa.Column('most_per_login_a_day', sa.Integer(), server_default='50', nullable=False))
    op.add_column('platforms', sa.Column('most_a_day', sa.Integer(), server_default='200', nullable=False))
    op.add_column('platforms', sa.Column('most_per_article', sa.Integer(), server_default='4', nullable=False))
    op.add_column('platforms', sa.Column('language', sa.String(), server_default='', nullable=False))
    op.add_column('platforms', sa.Column('disclosure', sa.String(), server_default='', nullable=False))


def downgrade() -> None:
    for name in ('disclosure', 'language', 'most_per_article', 'most_a_day', 'most_per_login_a_day'):
        op.drop_column('platforms', name)
    for table in ('comments', 'comment_opt_outs', 'comment_process_prompts', 'comment_process_logins', 'comment_articles', 'comment_processes'):
        op.drop_table(table)
