"""what channels bear, when pieces should go out, and addresses at which programs read what went out."""

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = '0021'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('cadences',
    sa.Column('channel_id', sa.String(), nullable=False),
    sa.Column('timezone', sa.String(), nullable=False),
    sa.Column('quiet', stonehand.db.Json, nullable=False),
    sa.Column('per_day', sa.Integer(), nullable=False),
    sa.Column('per_hour', sa.Integer(), nullable=False),
    sa.Column('gap_seconds', sa.Integer(), nullable=False),
    sa.Column('day', sa.String(), nullable=False),
    sa.Column('day_count', sa.Integer(), nullable=False),
    sa.Column('hour', sa.String(), nullable=False),
    sa.Column('hour_count', sa.Integer(), nullable=False),
    sa.Column('last_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('changed_by', sa.String(), nullable=False),
    sa.Column('changed_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('channel_id', name=op.f('pk_cadences'))
    )
    op.create_table('wishes',
    sa.Column('draft_id', sa.String(), nullable=False),
    sa.Column('channel_id', sa.String(), nullable=False),
    sa.Column('due_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('timezone', sa.String(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['draft_id'], ['drafts.id'], name=op.f('fk_wishes_draft_id_drafts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('draft_id', 'channel_id', name=op.f('pk_wishes'))
    )
    op.create_index('ix_wishes_due_at', 'wishes', ['due_at'], unique=False)
    op.create_table('outward_feeds',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('what', sa.String(), nullable=False),
    sa.Column('channel_id', sa.String(), nullable=False),
    sa.Column('secret_hash', sa.String(), nullable=False),
    sa.Column('prefix', sa.String(), nullable=False),
    sa.Column('user_id', sa.String(), nullable=False),
    sa.Column('created_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outward_feeds')),
    sa.UniqueConstraint('secret_hash', name=op.f('uq_outward_feeds_secret_hash'))
    )
    op.create_index('ix_outward_feeds_user_id', 'outward_feeds', ['user_id'], unique=False)


def downgrade() -> None:
    for table in ('outward_feeds', 'wishes', 'cadences'):
        op.drop_table(table)
