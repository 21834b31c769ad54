"""agents."""

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('agents',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('brief', sa.String(), nullable=False),
    sa.Column('expertise', sa.String(), nullable=False),
    sa.Column('persona', sa.String(), nullable=False),
    sa.Column('tone', sa.String(), nullable=False),
    sa.Column('length', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('source_ids', stonehand.db.Json, nullable=False),
    sa.Column('keywords', stonehand.db.Json, nullable=False),
    sa.Column('excluded', stonehand.db.Json, nullable=False),
    sa.Column('prompt_id', sa.String(), nullable=False),
    sa.Column('model_id', sa.String(), nullable=False),
    sa.Column('channel_ids', stonehand.db.Json, nullable=False),
    sa.Column('writes_of', sa.String(), nullable=False),
    sa.Column('quotas', stonehand.db.Json, nullable=False),
    sa.Column('schedule', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('rests', sa.Boolean(), nullable=False),
    sa.Column('vector', sa.LargeBinary(), nullable=True),
    sa.Column('vector_model', sa.String(), nullable=True),
    sa.Column('is_sample', sa.Boolean(), nullable=False),
    sa.Column('created_by', sa.String(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("state IN ('active', 'paused', 'removed')", name=op.f('ck_agents_state_known')),
    sa.CheckConstraint("writes_of IN ('topics', 'items')", name=op.f('ck_agents_writes_of_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agents'))
    )
    op.create_index('uq_agents_name', 'agents', ['name'], unique=True, sqlite_where=sa.text("state <> 'removed'"), postgresql_where=sa.text("state <> 'removed'"))
    op.create_table('agent_covered',
    sa.Column('agent_id', sa.String(), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('run_id', sa.String(), nullable=True),
    sa.Column('at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_agent_covered_agent_id_agents'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('agent_id', 'key', name=op.f('pk_agent_covered'))
    )
    op.create_index('ix_agent_covered_run_id', 'agent_covered', ['run_id'], unique=False)
    op.create_table('agent_runs',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('agent_id', sa.String(), nullable=False),
    sa.Column('why', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('topic', sa.String(), nullable=False),
    sa.Column('keyword', sa.String(), nullable=False),
    sa.Column('reasons', stonehand.db.Json, nullable=False),
    sa.Column('article_count', sa.Integer(), nullable=False),
    sa.Column('draft_id', sa.String(), nullable=True),
    sa.Column('job_id', sa.String(length=36), nullable=False),
    sa.Column('due_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('day', sa.String(length=10), nullable=False),
    sa.Column('reserved_tokens', sa.BigInteger(), nullable=False),
    sa.Column('reserved_micro', sa.BigInteger(), nullable=False),
    sa.Column('tokens', sa.BigInteger(), nullable=False),
    sa.Column('cost_micro', sa.BigInteger(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('asked_by', sa.String(), nullable=False),
    sa.Column('began_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ended_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('writing', 'written', 'asked', 'nothing', 'refused', 'failed')", name=op.f('ck_agent_runs_state_known')),
    sa.CheckConstraint("why IN ('schedule', 'hand', 'api', 'item', 'story', 'curation', 'digest')", name=op.f('ck_agent_runs_why_known')),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_agent_runs_agent_id_agents'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agent_runs'))
    )
    op.create_index('ix_agent_runs_agent_id_id', 'agent_runs', ['agent_id', 'id'], unique=False)
    op.create_index('ix_agent_runs_draft_id', 'agent_runs', ['draft_id'], unique=False)
    op.create_index('ix_agent_runs_job_id', 'agent_runs', ['job_id'], unique=False)
    op.create_index('ix_agent_runs_state', 'agent_runs', ['state'], unique=False)
    op.create_index('uq_agent_runs_due', 'agent_runs', ['agent_id', 'due_at'], unique=True, sqlite_where=sa.text("due_at IS NOT NULL AND state <> 'failed'"), postgresql_where=sa.text("due_at IS NOT NULL AND state <> 'failed'"))
    op.create_table('agent_usage',
    sa.Column('agent_id', sa.String(), nullable=False),
    sa.Column('period', sa.String(length=10), nullable=False),
    sa.Column('posts', sa.Integer(), nullable=False),
    sa.Column('tokens', sa.BigInteger(), nullable=False),
    sa.Column('cost_micro', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_agent_usage_agent_id_agents'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('agent_id', 'period', name=op.f('pk_agent_usage'))
    )


def downgrade() -> None:
    for table in ('agent_usage', 'agent_runs', 'agent_covered', 'agents'):
        op.drop_table(table)
