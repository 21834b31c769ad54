"""robots.txt, delays that hosts ask for, pages that are fetched again by themselves."""

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = '0008'
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('robots',
    sa.Column('place', sa.String(length=300), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('body', sa.Text(), server_default='', nullable=False),
    sa.Column('said', sa.String(), server_default='', nullable=False),
    sa.Column('checked_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('failing_since', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('rules', 'absent', 'unreachable')", name=op.f('ck_robots_kind_known')),
    sa.PrimaryKeyConstraint('place', name=op.f('pk_robots'))
    )
    op.create_index('ix_robots_expires_at', 'robots', ['expires_at'], unique=False)
    op.add_column('host_slots', sa.Column('delay', sa.Double(), server_default='0', nullable=False))
    op.add_column('sources', sa.Column('robots_overruled', stonehand.db.Json, nullable=True))
    op.add_column('sources', sa.Column('refreshes', sa.Integer(), server_default='0', nullable=False))
    op.add_column('sources', sa.Column('refreshes_since', stonehand.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column('entries', sa.Column('fetched_at', stonehand.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column('entries', sa.Column('changed_at', stonehand.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column('articles', sa.Column('etag', sa.String(), nullable=True))
    op.add_column('articles', sa.Column('modified', sa.String(), nullable=True))
    op.add_column('articles', sa.Column('robots', stonehand.db.Json, nullable=True))


def downgrade() -> None:
    for table, columns in (
        ('articles', ('robots', 'modified', 'etag')),
        ('entries', ('changed_at', 'fetched_at')),
        ('sources', ('refreshes_since', 'refreshes', 'robots_overruled')),
        ('host_slots', ('delay',)),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.drop_column(column)
    op.drop_index('ix_robots_expires_at', table_name='robots')
    op.drop_table('robots')
