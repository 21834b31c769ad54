"""the database itself refuses to change the audit log."""

from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

REFUSAL = 'the audit log is append-only'


def upgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        for deed in ('UPDATE', 'DELETE'):
            op.execute(
                f'CREATE TRIGGER audit_records_no_{deed.lower()} BEFORE {deed} ON audit_records '
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    op.execute(
        'CREATE OR REPLACE FUNCTION audit_records_refuse() RETURNS trigger LANGUAGE plpgsql '
        f"AS $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    op.execute(
        'CREATE TRIGGER audit_records_no_change BEFORE UPDATE OR DELETE ON audit_records '
        'FOR EACH ROW EXECUTE FUNCTION audit_records_refuse()'
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        op.execute('DROP TRIGGER audit_records_no_update')
        op.execute('DROP TRIGGER audit_records_no_delete')
    else:
        op.execute('DROP TRIGGER audit_records_no_change ON audit_records')
        op.execute('DROP FUNCTION audit_records_refuse')
