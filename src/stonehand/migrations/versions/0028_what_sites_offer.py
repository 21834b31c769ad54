"""what each login can filter the articles of its site by"""

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = '0028'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('platform_logins', sa.Column('choices', stonehand.db.Json, server_default='{}', nullable=False))


def downgrade() -> None:
    op.drop_column('platform_logins', 'choices')
