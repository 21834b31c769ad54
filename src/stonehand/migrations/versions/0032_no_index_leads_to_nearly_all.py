"""no index leads to nearly all rows: of copies and merged stories alone, and of vectors by their time"""

from alembic import op
import sqlalchemy as sa

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None

PARTIAL = (('articles', 'duplicate_of'), ('stories', 'merged_into'))


def upgrade() -> None:
    for table, column in PARTIAL:
        told = sa.text(f'{column} IS NOT NULL')
        op.drop_index(f'ix_{table}_{column}', table)
        op.create_index(f'ix_{table}_{column}', table, [column], unique=False, sqlite_where=told, postgresql_where=told)
    op.drop_index('ix_analyses_vector_model_updated_at', 'analyses')
    op.create_index('ix_analyses_updated_at_vector_model', 'analyses', ['updated_at', 'vector_model'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_analyses_updated_at_vector_model', 'analyses')
    op.create_index('ix_analyses_vector_model_updated_at', 'analyses', ['vector_model', 'updated_at'], unique=False)
    for table, column in PARTIAL:
        op.drop_index(f'ix_{table}_{column}', table)
        op.create_index(f'ix_{table}_{column}', table, [column], unique=False)
