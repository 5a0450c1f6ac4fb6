from django.db import migrations

# The statute once more, asked of rows: what nothing permits cannot be entered, by whatever way. Kept in step with
# consent.bases, consent.countries and consent.services.third_parties by tests that ask both.
GUARD = """
-- The last day of a period of months from a day (Civil Code, Articles 140 and 143).
CREATE FUNCTION consent_last_day_of(day date, months int) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN extract(day FROM (day + 1) + make_interval(months => months)) < extract(day FROM day + 1)
        THEN ((day + 1) + make_interval(months => months))::date
        ELSE ((day + 1) + make_interval(months => months))::date - 1
    END
$$;

-- The last day on which a record must be kept (Articles 29(2) and 30(4); Rules 21 and 25).
CREATE FUNCTION consent_kept_until(recording varchar, made_on date, last_on date) RETURNS date
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE recording
        WHEN 'EACH' THEN consent_last_day_of(made_on, 36)
        WHEN 'BULK' THEN consent_last_day_of(last_on, 36)
        ELSE consent_last_day_of(last_on, 12)
    END
$$;

-- Where a country stands in Article 28(1) by itself.
CREATE FUNCTION consent_is_equivalent(country varchar) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT country = ANY (ARRAY[
        'AT','BE','BG','CY','CZ','DE','DK','EE','ES','FI','FR','GB','GR','HR','HU','IE','IS','IT','LI','LT','LU','LV',
        'MT','NL','NO','PL','PT','RO','SE','SI','SK'
    ])
$$;

-- Where a third party stands in Article 28(1) on a day. Measures count while they are checked and in order (28(3)).
CREATE FUNCTION consent_place_of(party bigint, day date) RETURNS varchar LANGUAGE plpgsql STABLE AS $$
DECLARE
    land varchar; begun date; checked consent_yearlycheck;
BEGIN
    SELECT country INTO land FROM consent_thirdparty WHERE id = party;
    IF land = 'JP' THEN RETURN 'HOME'; END IF;
    IF consent_is_equivalent(land) THEN RETURN 'EQUIVALENT'; END IF;
    SELECT starts_on INTO begun FROM consent_equivalentmeasures
     WHERE third_party_id = party AND starts_on <= day AND (ends_on IS NULL OR ends_on >= day)
     ORDER BY starts_on LIMIT 1;
    IF begun IS NULL THEN RETURN 'OFFSHORE'; END IF;
    SELECT * INTO checked FROM consent_yearlycheck
     WHERE third_party_id = party AND subject = 'MEASURES' AND checked_on BETWEEN begun AND day
     ORDER BY checked_on DESC, id DESC LIMIT 1;
    IF checked.finding = 'TROUBLE' THEN RETURN 'OFFSHORE'; END IF;
    IF day <= consent_last_day_of(coalesce(checked.checked_on, begun), 12) THEN RETURN 'MEASURES'; END IF;
    RETURN 'OFFSHORE';
END $$;

CREATE FUNCTION consent_provision_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    party consent_thirdparty; place varchar; counted bigint;
    closing text[] := '{status,job_number,made_on,kept_until,given,refused,erased,unknown}';
BEGIN
    IF TG_OP IN ('DELETE', 'TRUNCATE') THEN
        RAISE EXCEPTION 'Provisions are never removed.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.status <> 'DECIDING' OR to_jsonb(NEW) - closing IS DISTINCT FROM to_jsonb(OLD) - closing THEN
            RAISE EXCEPTION 'A provision never changes once it is decided.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NEW.status <> 'DECIDING' THEN
            SELECT count(*) INTO counted FROM consent_provisionperson WHERE provision_id = NEW.id;
            IF counted <> NEW.given THEN
                RAISE EXCEPTION 'A provision counts who stands in it.' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
        END IF;
        IF NEW.kept_until <> consent_kept_until(NEW.recording, NEW.made_on, NEW.last_on) THEN
            RAISE EXCEPTION 'The last day of this record is another one (Article 29(2)).'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    SELECT * INTO party FROM consent_thirdparty WHERE id = NEW.third_party_id;
    IF NEW.status <> 'DECIDING' OR NEW.country IS DISTINCT FROM party.country THEN
        RAISE EXCEPTION 'A provision begins undecided, to the country of its third party.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    place := consent_place_of(NEW.third_party_id, NEW.last_on);
    IF consent_place_of(NEW.third_party_id, NEW.first_on) = 'OFFSHORE' THEN place := 'OFFSHORE'; END IF;
    IF NEW.place <> place THEN
        RAISE EXCEPTION 'The recipient stands elsewhere in Article 28(1) on that day.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.basis IN ('ENTRUSTMENT', 'SUCCESSION') AND NOT EXISTS (
        SELECT 1 FROM consent_agreement
         WHERE third_party_id = NEW.third_party_id AND starts_on <= NEW.first_on
           AND (ends_on IS NULL OR ends_on >= NEW.last_on)
    ) THEN
        RAISE EXCEPTION 'No contract is in force on that day (Articles 25 and 27(5)).'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.basis = 'JOINT_USE' AND NOT EXISTS (
        SELECT 1 FROM consent_jointuse announced JOIN consent_jointuse_users users ON users.jointuse_id = announced.id
         WHERE users.thirdparty_id = NEW.third_party_id AND announced.categories @> NEW.categories
           AND announced.purposes @> ARRAY[NEW.purpose]
           AND announced.published_at < NEW.first_on::timestamp AT TIME ZONE 'Asia/Tokyo'
           AND (announced.ended_at IS NULL OR announced.ended_at >= NEW.last_on::timestamp AT TIME ZONE 'Asia/Tokyo')
    ) THEN
        RAISE EXCEPTION 'No announcement of joint use was public before that day (Article 27(5)(iii)).'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.wants_record <> (
        NOT (party.kind = 'STATE_BODY' AND NEW.place = 'HOME') AND (
            NEW.basis = 'CONSENT'
            OR (NEW.basis IN ('ENTRUSTMENT', 'SUCCESSION', 'JOINT_USE') AND NEW.place = 'OFFSHORE')
        )
    ) THEN
        RAISE EXCEPTION 'Whether Article 29 wants a record of this provision is not a matter of choice.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION consent_provision_person_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM arrived JOIN consent_provision provision ON provision.id = arrived.provision_id
         WHERE provision.status <> 'DECIDING' OR provision.third_party_id <> arrived.third_party_id
    ) THEN
        RAISE EXCEPTION 'Nobody is added to a provision that was decided, nor with another third party.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM consent_suspension suspension
          JOIN customers_customer named ON named.id = suspension.customer_id
          JOIN customers_customer customer
            ON coalesce(customer.merged_into_id, customer.id) = coalesce(named.merged_into_id, named.id)
          JOIN arrived ON arrived.customer_id = customer.id
          JOIN consent_provision provision ON provision.id = arrived.provision_id
         WHERE (suspension.scope IN ('ALL', 'PROVISION') OR suspension.purpose = provision.purpose)
           AND (suspension.suspended_at AT TIME ZONE 'Asia/Tokyo')::date <= provision.last_on
           AND (suspension.lifted_at IS NULL
                OR (suspension.lifted_at AT TIME ZONE 'Asia/Tokyo')::date > provision.first_on)
    ) THEN
        RAISE EXCEPTION 'Data of somebody in it are not to be given on that day (Article 35).'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM arrived
          JOIN consent_provision provision ON provision.id = arrived.provision_id
          JOIN customers_customer customer ON customer.id = arrived.customer_id
          LEFT JOIN consent_consent consent ON consent.id = arrived.consent_id
          LEFT JOIN consent_wording wording ON wording.id = consent.wording_id
          LEFT JOIN customers_customer agreed ON agreed.id = consent.customer_id
         WHERE customer.erased_at IS NOT NULL
            OR (arrived.consent_id IS NULL AND (
                provision.basis = 'CONSENT'
                OR (provision.place = 'OFFSHORE' AND provision.basis IN ('ENTRUSTMENT', 'SUCCESSION', 'JOINT_USE'))
            ))
            OR (arrived.consent_id IS NOT NULL AND NOT (
                wording.third_party_id = provision.third_party_id
                AND wording.categories @> provision.categories
                AND consent.given_on <= provision.first_on
                AND (consent.withdrawn_on IS NULL OR consent.withdrawn_on > provision.last_on)
                AND coalesce(agreed.merged_into_id, agreed.id) = coalesce(customer.merged_into_id, customer.id)
            ))
    ) THEN
        RAISE EXCEPTION 'No consent of somebody in it covers this recipient and every category on that day'
            ' (Articles 27(1) and 28(1)).' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION consent_ledger_stays_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % never change.', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION consent_provision_refusal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM arrived JOIN consent_provision provision ON provision.id = arrived.provision_id
         WHERE provision.status <> 'DECIDING'
    ) THEN
        RAISE EXCEPTION 'Nobody is added to a provision that was decided.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

-- An export to a third party holds nobody who does not stand in its provision.
CREATE FUNCTION consent_export_provision_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.provision_id IS DISTINCT FROM OLD.provision_id THEN
        RAISE EXCEPTION 'An export stays with its provision.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.provision_id IS NULL THEN RETURN NEW; END IF;
    IF NOT EXISTS (
        SELECT 1 FROM consent_provision provision
         WHERE provision.id = NEW.provision_id AND provision.status = 'RECORDED'
           AND provision.purpose = NEW.purpose AND provision.categories = NEW.categories
           AND provision.format = NEW.format AND provision.requested_by_id = NEW.requested_by_id
    ) THEN
        RAISE EXCEPTION 'Nothing leaves to a third party but as its provision says.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.file_id IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.file_id IS NULL) AND EXISTS (
        SELECT 1 FROM customers_fileperson held
          JOIN customers_customer customer ON customer.id = held.customer_id
          LEFT JOIN consent_provisionperson person
            ON person.provision_id = NEW.provision_id
           AND person.customer_id = coalesce(customer.merged_into_id, customer.id)
         WHERE held.file_id = NEW.file_id AND person.id IS NULL
    ) THEN
        RAISE EXCEPTION 'The file holds somebody who does not stand in the ledger.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION consent_receipt_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kept_until <> consent_kept_until(
        NEW.recording, (NEW.entered_at AT TIME ZONE 'Asia/Tokyo')::date, NEW.last_on
    ) THEN
        RAISE EXCEPTION 'The last day of this record is another one (Article 30(4)).'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER provision_is_permitted_and_stays BEFORE INSERT OR UPDATE OR DELETE ON consent_provision
    FOR EACH ROW EXECUTE FUNCTION consent_provision_guard();
CREATE TRIGGER provisions_are_never_truncated BEFORE TRUNCATE ON consent_provision
    FOR EACH STATEMENT EXECUTE FUNCTION consent_provision_guard();
CREATE TRIGGER person_in_a_provision_is_permitted AFTER INSERT ON consent_provisionperson
    REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION consent_provision_person_guard();
CREATE TRIGGER person_in_a_provision_stays BEFORE UPDATE OR DELETE ON consent_provisionperson
    FOR EACH ROW EXECUTE FUNCTION consent_ledger_stays_guard();
CREATE TRIGGER persons_in_provisions_are_never_truncated BEFORE TRUNCATE ON consent_provisionperson
    FOR EACH STATEMENT EXECUTE FUNCTION consent_ledger_stays_guard();
CREATE TRIGGER person_is_left_out_while_it_is_decided AFTER INSERT ON consent_provisionrefusal
    REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION consent_provision_refusal_guard();
CREATE TRIGGER person_left_out_stays BEFORE UPDATE OR DELETE ON consent_provisionrefusal
    FOR EACH ROW EXECUTE FUNCTION consent_ledger_stays_guard();
CREATE TRIGGER persons_left_out_are_never_truncated BEFORE TRUNCATE ON consent_provisionrefusal
    FOR EACH STATEMENT EXECUTE FUNCTION consent_ledger_stays_guard();
CREATE TRIGGER export_to_a_third_party_is_in_the_ledger BEFORE INSERT OR UPDATE ON consent_export
    FOR EACH ROW EXECUTE FUNCTION consent_export_provision_guard();
CREATE TRIGGER receipt_is_kept_as_long_as_it_must BEFORE INSERT ON consent_receipt
    FOR EACH ROW EXECUTE FUNCTION consent_receipt_guard();
CREATE TRIGGER receipt_stays BEFORE UPDATE OR DELETE ON consent_receipt
    FOR EACH ROW EXECUTE FUNCTION consent_ledger_stays_guard();
CREATE TRIGGER receipts_are_never_truncated BEFORE TRUNCATE ON consent_receipt
    FOR EACH STATEMENT EXECUTE FUNCTION consent_ledger_stays_guard();
CREATE TRIGGER person_in_a_receipt_stays BEFORE UPDATE OR DELETE ON consent_receiptperson
    FOR EACH ROW EXECUTE FUNCTION consent_ledger_stays_guard();
CREATE TRIGGER persons_in_receipts_are_never_truncated BEFORE TRUNCATE ON consent_receiptperson
    FOR EACH STATEMENT EXECUTE FUNCTION consent_ledger_stays_guard();
"""
NO_GUARD = """
DROP TRIGGER persons_in_receipts_are_never_truncated ON consent_receiptperson;
DROP TRIGGER person_in_a_receipt_stays ON consent_receiptperson;
DROP TRIGGER receipts_are_never_truncated ON consent_receipt;
DROP TRIGGER receipt_stays ON consent_receipt;
DROP TRIGGER receipt_is_kept_as_long_as_it_must ON consent_receipt;
DROP TRIGGER export_to_a_third_party_is_in_the_ledger ON consent_export;
DROP TRIGGER persons_left_out_are_never_truncated ON consent_provisionrefusal;
DROP TRIGGER person_left_out_stays ON consent_provisionrefusal;
DROP TRIGGER person_is_left_out_while_it_is_decided ON consent_provisionrefusal;
DROP TRIGGER persons_in_provisions_are_never_truncated ON consent_provisionperson;
DROP TRIGGER person_in_a_provision_stays ON consent_provisionperson;
DROP TRIGGER person_in_a_provision_is_permitted ON consent_provisionperson;
DROP TRIGGER provisions_are_never_truncated ON consent_provision;
DROP TRIGGER provision_is_permitted_and_stays ON consent_provision;
DROP FUNCTION consent_receipt_guard();
DROP FUNCTION consent_export_provision_guard();
DROP FUNCTION consent_provision_refusal_guard();
DROP FUNCTION consent_ledger_stays_guard();
DROP FUNCTION consent_provision_person_guard();
DROP FUNCTION consent_provision_guard();
DROP FUNCTION consent_place_of(bigint, date);
DROP FUNCTION consent_is_equivalent(varchar);
DROP FUNCTION consent_kept_until(varchar, date, date);
DROP FUNCTION consent_last_day_of(date, int);
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0013_provisions")]

    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
