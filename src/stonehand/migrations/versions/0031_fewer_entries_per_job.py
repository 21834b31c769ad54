"""fewer entries per job: no index of leases, and one of ends only for what has ended"""

from alembic import op
import sqlalchemy as sa

revision = '0031'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    has_ended = sa.text('finished_at IS NOT NULL')
    op.drop_index('ix_jobs_lease', 'jobs')
    op.drop_index('ix_jobs_finished', 'jobs')
    op.create_index('ix_jobs_finished', 'jobs', ['finished_at'], unique=False, sqlite_where=has_ended, postgresql_where=has_ended)


def downgrade() -> None:
    executing = sa.text("state = 'executing'")
    op.drop_index('ix_jobs_finished', 'jobs')
    op.create_index('ix_jobs_finished', 'jobs', ['finished_at'], unique=False)
    op.create_index('ix_jobs_lease', 'jobs', ['lease_until'], unique=False, sqlite_where=executing, postgresql_where=executing)
