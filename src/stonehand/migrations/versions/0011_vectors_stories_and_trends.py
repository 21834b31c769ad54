"""vectors, stories and trends."""

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = '0011'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('vector_indexes',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('until', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('updated_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_vector_indexes'))
    )
    with op.batch_alter_table('analyses', schema=None) as batch_op:
        batch_op.create_index('ix_analyses_vector_model_updated_at', ['vector_model', 'updated_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('analyses', schema=None) as batch_op:
        batch_op.drop_index('ix_analyses_vector_model_updated_at')
    op.drop_table('vector_indexes')
