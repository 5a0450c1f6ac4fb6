from django.db import migrations

GUARD = """
CREATE FUNCTION consent_policyversion_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'Versions of the policy are never removed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.status = 'APPROVED' AND (TG_OP = 'DELETE' OR NEW IS DISTINCT FROM OLD) THEN
        RAISE EXCEPTION 'An approved version of the policy never changes.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER approved_policy_version_never_changes BEFORE UPDATE OR DELETE ON consent_policyversion
    FOR EACH ROW EXECUTE FUNCTION consent_policyversion_guard();
CREATE TRIGGER policy_versions_are_never_truncated BEFORE TRUNCATE ON consent_policyversion
    FOR EACH STATEMENT EXECUTE FUNCTION consent_policyversion_guard();
"""
NO_GUARD = """
DROP TRIGGER policy_versions_are_never_truncated ON consent_policyversion;
DROP TRIGGER approved_policy_version_never_changes ON consent_policyversion;
DROP FUNCTION consent_policyversion_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial")]

    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
