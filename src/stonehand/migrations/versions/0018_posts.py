"""working copies of people who write, and the tokens of each revision."""

from alembic import op
import sqlalchemy as sa
import stonehand.db

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('working_copies',
    sa.Column('draft_id', sa.String(), nullable=False),
    sa.Column('person_id', sa.String(), nullable=False),
    sa.Column('revision_id', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('slug', sa.String(), nullable=False),
    sa.Column('excerpt', sa.String(), nullable=False),
    sa.Column('meta_title', sa.String(), nullable=False),
    sa.Column('meta_description', sa.String(), nullable=False),
    sa.Column('keywords', stonehand.db.Json, nullable=False),
    sa.Column('markdown', sa.String(), nullable=False),
    sa.Column('sources', stonehand.db.Json, nullable=False),
    sa.Column('kept_at', stonehand.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['draft_id'], ['drafts.id'], name=op.f('fk_working_copies_draft_id_drafts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('draft_id', 'person_id', name=op.f('pk_working_copies'))
    )
    op.create_index(op.f('ix_working_copies_person_id'), 'working_copies', ['person_id'], unique=False)
    with op.batch_alter_table('revisions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('input_tokens', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('output_tokens', sa.Integer(), server_default='0', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('revisions', schema=None) as batch_op:
        batch_op.drop_column('output_tokens')
        batch_op.drop_column('input_tokens')
    op.drop_table('working_copies')
