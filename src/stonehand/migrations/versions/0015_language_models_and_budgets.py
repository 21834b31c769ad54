"""language models and budgets."""

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('llm_budgets',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('scope', sa.String(length=10), nullable=False),
    sa.Column('subject_id', sa.String(length=36), nullable=False),
    sa.Column('period', sa.String(length=5), nullable=False),
    sa.Column('limit_micro', sa.BigInteger(), nullable=True),
    sa.Column('limit_tokens', sa.BigInteger(), nullable=True),
    sa.Column('changed_by', sa.String(length=120), nullable=False),
    sa.Column('changed_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("period IN ('day', 'month')", name=op.f('ck_llm_budgets_period_known')),
    sa.CheckConstraint("scope IN ('all', 'agent', 'source', 'user', 'model')", name=op.f('ck_llm_budgets_scope_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_llm_budgets')),
    sa.UniqueConstraint('scope', 'subject_id', 'period', name=op.f('uq_llm_budgets_scope_subject_id_period'))
    )
    op.create_table('llm_models',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('provider', sa.String(length=20), nullable=False),
    sa.Column('base_url', sa.String(length=500), nullable=False),
    sa.Column('model', sa.String(length=200), nullable=False),
    sa.Column('secret', sa.Text(), nullable=True),
    sa.Column('owner_id', sa.String(length=36), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('is_enabled', sa.Boolean(), nullable=False),
    sa.Column('is_named_by_operator', sa.Boolean(), nullable=False),
    sa.Column('input_price', sa.Double(), nullable=True),
    sa.Column('output_price', sa.Double(), nullable=True),
    sa.Column('per_minute', sa.Integer(), nullable=True),
    sa.Column('at_once', sa.Integer(), nullable=True),
    sa.Column('timeout_seconds', sa.Integer(), nullable=False),
    sa.Column('room', sa.Integer(), nullable=False),
    sa.Column('refused_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('refused_words', sa.Text(), nullable=True),
    sa.Column('refused_key', sa.String(length=20), nullable=True),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_llm_models')),
    sa.UniqueConstraint('owner_id', 'name', name=op.f('uq_llm_models_owner_id_name'))
    )
    op.create_table('llm_spans',
    sa.Column('scope', sa.String(length=10), nullable=False),
    sa.Column('subject_id', sa.String(length=36), nullable=False),
    sa.Column('begins', sa.String(length=10), nullable=False),
    sa.Column('committed_micro', sa.BigInteger(), nullable=False),
    sa.Column('committed_tokens', sa.BigInteger(), nullable=False),
    sa.Column('turned_away', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('scope', 'subject_id', 'begins', name=op.f('pk_llm_spans'))
    )
    with op.batch_alter_table('llm_calls', schema=None) as batch_op:
        batch_op.add_column(sa.Column('model_id', sa.String(length=36), server_default='environment', nullable=False))
        batch_op.add_column(sa.Column('agent_id', sa.String(length=36), server_default='', nullable=False))
        batch_op.add_column(sa.Column('source_id', sa.String(length=36), server_default='', nullable=False))
        batch_op.add_column(sa.Column('user_id', sa.String(length=36), server_default='', nullable=False))
        batch_op.add_column(sa.Column('outcome', sa.String(length=20), server_default='', nullable=False))
        batch_op.add_column(sa.Column('reserved_tokens', sa.BigInteger(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('took_ms', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_llm_calls_day'), ['day'], unique=False)

    with op.batch_alter_table('llm_days', schema=None) as batch_op:
        batch_op.add_column(sa.Column('committed_tokens', sa.BigInteger(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('turned_away', sa.Integer(), server_default='0', nullable=False))

    # What this month has cost so far counts against the budgets of the month.
    for scope, subject in (("all", ""), ("model", "environment")):
        op.execute(
            "INSERT INTO llm_spans (scope, subject_id, begins, committed_micro, committed_tokens, turned_away) "
            f"SELECT '{scope}', '{subject}', substr(day, 1, 7), sum(committed_micro), 0, 0 "  # nosec B608  words of ours
            "FROM llm_days GROUP BY substr(day, 1, 7)"
        )


def downgrade() -> None:
    with op.batch_alter_table('llm_days', schema=None) as batch_op:
        batch_op.drop_column('turned_away')
        batch_op.drop_column('committed_tokens')

    with op.batch_alter_table('llm_calls', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_llm_calls_day'))
        batch_op.drop_column('took_ms')
        batch_op.drop_column('reserved_tokens')
        batch_op.drop_column('outcome')
        batch_op.drop_column('user_id')
        batch_op.drop_column('source_id')
        batch_op.drop_column('agent_id')
        batch_op.drop_column('model_id')

    op.drop_table('llm_spans')
    op.drop_table('llm_models')
    op.drop_table('llm_budgets')
