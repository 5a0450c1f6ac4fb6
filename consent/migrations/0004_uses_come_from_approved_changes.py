"""No use is permitted but by an approved change that is announced in an approved version of the policy."""

from django.db import migrations

GUARD = """
CREATE FUNCTION consent_check_permitted_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'A permitted use is ended by a change, never removed' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.purpose, OLD.category, OLD.since, OLD.policy_version_id, OLD.permitted_by_change_id)
            IS DISTINCT FROM (NEW.purpose, NEW.category, NEW.since, NEW.policy_version_id, NEW.permitted_by_change_id)
    THEN
        RAISE EXCEPTION 'Of a permitted use nothing but its end is ever changed' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.until IS NOT NULL THEN
        RAISE EXCEPTION 'A use that has ended stays as it is' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM consent_registerchange AS change
        JOIN consent_registerline AS line ON line.change_id = change.id
        JOIN consent_policyversion AS version ON version.id = change.policy_version_id
        WHERE change.id = NEW.permitted_by_change_id AND change.status = 'APPROVED' AND line.permits
            AND line.purpose = NEW.purpose AND line.category = NEW.category
            AND version.id = NEW.policy_version_id AND version.status = 'APPROVED'
            AND NEW.since >= version.effective_on
    ) THEN
        RAISE EXCEPTION 'A use is permitted only by an approved change that an approved policy announces'
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.ended_by_change_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM consent_registerchange AS change
        JOIN consent_registerline AS line ON line.change_id = change.id
        WHERE change.id = NEW.ended_by_change_id AND change.status = 'APPROVED' AND NOT line.permits
            AND line.purpose = NEW.purpose AND line.category = NEW.category
    ) THEN
        RAISE EXCEPTION 'A use is ended only by an approved change' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER permitted_use_comes_from_an_approved_change BEFORE INSERT OR UPDATE OR DELETE ON consent_permitteduse
    FOR EACH ROW EXECUTE FUNCTION consent_check_permitted_use();
"""
UNGUARD = """
DROP TRIGGER permitted_use_comes_from_an_approved_change ON consent_permitteduse;
DROP FUNCTION consent_check_permitted_use;
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0003_register_suspensions_exports")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
