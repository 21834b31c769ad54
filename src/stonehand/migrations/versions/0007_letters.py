"""letters."""

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = '0007'
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('letters',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('source_id', sa.String(), nullable=False),
    sa.Column('identity', sa.String(), nullable=False),
    sa.Column('message_id', sa.String(), nullable=True),
    sa.Column('packed', sa.LargeBinary(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('way', sa.String(), nullable=False),
    sa.Column('sender', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('sent_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('received_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('error', sa.String(), nullable=True),
    sa.Column('notes', stonehand.db.Json, nullable=False),
    sa.Column('read_at', stonehand.db.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('new', 'read', 'unreadable')", name=op.f('ck_letters_state_known')),
    sa.ForeignKeyConstraint(['source_id'], ['sources.id'], name=op.f('fk_letters_source_id_sources'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letters')),
    sa.UniqueConstraint('identity', name=op.f('uq_letters_identity'))
    )
    op.create_index('ix_letters_message_id', 'letters', ['message_id'], unique=False)
    op.create_index('ix_letters_source_id', 'letters', ['source_id'], unique=False)
    op.create_table('letter_proofs',
    sa.Column('proof', sa.String(), nullable=False),
    sa.Column('identity', sa.String(), nullable=False),
    sa.Column('seen_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('proof', name=op.f('pk_letter_proofs'))
    )
    op.create_index('ix_letter_proofs_seen_at', 'letter_proofs', ['seen_at'], unique=False)
    op.create_table('letter_items',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('letter_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('url', sa.String(), nullable=True),
    sa.Column('entry_id', sa.String(), nullable=True),
    sa.Column('is_new', sa.Boolean(), nullable=False),
    sa.Column('error', sa.String(), nullable=True),
    sa.CheckConstraint("kind IN ('link', 'text', 'attachment')", name=op.f('ck_letter_items_kind_known')),
    sa.ForeignKeyConstraint(['entry_id'], ['entries.id'], name=op.f('fk_letter_items_entry_id_entries'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['letter_id'], ['letters.id'], name=op.f('fk_letter_items_letter_id_letters'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter_items'))
    )
    op.create_index('ix_letter_items_entry_id', 'letter_items', ['entry_id'], unique=False)
    op.create_index('ix_letter_items_letter_id', 'letter_items', ['letter_id'], unique=False)


def downgrade() -> None:
    op.drop_table('letter_items')
    op.drop_table('letter_proofs')
    op.drop_table('letters')
