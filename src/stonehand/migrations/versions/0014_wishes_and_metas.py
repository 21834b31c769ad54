"""what people wish of a piece, and what search engines are told of it."""

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = '0014'
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('drafts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('article_ids', stonehand.db.Json, server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('agent_id', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('instructions', stonehand.db.Json, server_default='{}', nullable=False))
        batch_op.create_index(batch_op.f('ix_drafts_agent_id'), ['agent_id'], unique=False)
    with op.batch_alter_table('revisions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('meta_title', sa.String(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('meta_description', sa.String(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('keywords', stonehand.db.Json, server_default='[]', nullable=False))


def downgrade() -> None:
    op.execute("DELETE FROM drafts WHERE story_id = '' AND digest_id IS NULL")
    with op.batch_alter_table('revisions', schema=None) as batch_op:
        for name in ('keywords', 'meta_description', 'meta_title'):
            batch_op.drop_column(name)
    with op.batch_alter_table('drafts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_drafts_agent_id'))
        for name in ('instructions', 'agent_id', 'article_ids'):
            batch_op.drop_column(name)
