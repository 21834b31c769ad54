"""pictures and categories of revisions and of working copies."""

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

TABLES = ('revisions', 'working_copies')


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column('image_url', sa.String(), server_default='', nullable=False))
        op.add_column(table, sa.Column('image_alt', sa.String(), server_default='', nullable=False))
        op.add_column(table, sa.Column('categories', stonehand.db.Json, server_default='[]', nullable=False))


def downgrade() -> None:
    for table in TABLES:
        for column in ('categories', 'image_alt', 'image_url'):
            op.drop_column(table, column)
