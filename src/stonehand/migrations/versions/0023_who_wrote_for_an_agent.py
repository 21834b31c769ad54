"""runs of agents say which model wrote, and by which prompt."""

from alembic import op
import sqlalchemy as sa

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('agent_runs') as batch_op:
        batch_op.add_column(sa.Column('model', sa.String(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('prompt', sa.String(), server_default='', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('agent_runs') as batch_op:
        batch_op.drop_column('prompt')
        batch_op.drop_column('model')
