"""What must never be false and no constraint can say: it spans rows of two tables."""

from django.db import migrations

FEE_KINDS = "('DISCLOSURE', 'PROVISION_RECORDS')"

CREATE = f"""
CREATE FUNCTION requests_desk_kind_and_number_never_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind <> OLD.kind OR NEW.reference <> OLD.reference THEN
        RAISE EXCEPTION 'The kind and the number of a request never change.' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER kind_and_number_never_change BEFORE UPDATE ON requests_desk_datarequest
    FOR EACH ROW EXECUTE FUNCTION requests_desk_kind_and_number_never_change();

CREATE FUNCTION requests_desk_fee_of_a_free_kind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM requests_desk_datarequest
                   WHERE id = NEW.request_id AND kind IN {FEE_KINDS}) THEN
        RAISE EXCEPTION 'A fee is charged on disclosure and on nothing else.' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fee_is_charged_on_disclosure_alone BEFORE INSERT OR UPDATE ON requests_desk_fee
    FOR EACH ROW EXECUTE FUNCTION requests_desk_fee_of_a_free_kind();

CREATE FUNCTION requests_desk_disclosure_without_a_fee() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM requests_desk_datarequest r
               WHERE r.id = NEW.id AND r.kind IN {FEE_KINDS}
                 AND NOT EXISTS (SELECT 1 FROM requests_desk_fee f WHERE f.request_id = r.id)) THEN
        RAISE EXCEPTION 'A disclosure request has its fee from the moment of receipt.' USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER disclosure_has_its_fee_from_receipt AFTER INSERT ON requests_desk_datarequest
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION requests_desk_disclosure_without_a_fee();

CREATE FUNCTION requests_desk_fee_taken_away() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.request_id <> OLD.request_id OR NEW.amount <> OLD.amount THEN
        RAISE EXCEPTION 'A fee is settled, never removed, moved or changed.' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fee_is_never_taken_away BEFORE DELETE OR UPDATE ON requests_desk_fee
    FOR EACH ROW EXECUTE FUNCTION requests_desk_fee_taken_away();

CREATE FUNCTION requests_desk_decision_before_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM requests_desk_fee
               WHERE request_id = NEW.request_id AND state IN ('DUE', 'LAPSED')) THEN
        RAISE EXCEPTION 'Nothing is decided before the fee was received.' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decision_waits_for_the_fee BEFORE INSERT ON requests_desk_decision
    FOR EACH ROW EXECUTE FUNCTION requests_desk_decision_before_payment();
CREATE FUNCTION requests_desk_search_before_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.held <> 'UNKNOWN' AND EXISTS (
        SELECT 1 FROM requests_desk_fee WHERE request_id = NEW.id AND state = 'DUE') THEN
        RAISE EXCEPTION 'Nothing is searched before the fee was received.' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER search_waits_for_the_fee BEFORE UPDATE ON requests_desk_datarequest
    FOR EACH ROW EXECUTE FUNCTION requests_desk_search_before_payment();
"""

DROP = """
DROP TRIGGER search_waits_for_the_fee ON requests_desk_datarequest;
DROP TRIGGER decision_waits_for_the_fee ON requests_desk_decision;
DROP TRIGGER fee_is_never_taken_away ON requests_desk_fee;
DROP TRIGGER disclosure_has_its_fee_from_receipt ON requests_desk_datarequest;
DROP TRIGGER fee_is_charged_on_disclosure_alone ON requests_desk_fee;
DROP TRIGGER kind_and_number_never_change ON requests_desk_datarequest;
DROP FUNCTION requests_desk_search_before_payment();
DROP FUNCTION requests_desk_decision_before_payment();
DROP FUNCTION requests_desk_fee_taken_away();
DROP FUNCTION requests_desk_disclosure_without_a_fee();
DROP FUNCTION requests_desk_fee_of_a_free_kind();
DROP FUNCTION requests_desk_kind_and_number_never_change();
"""


class Migration(migrations.Migration):
    dependencies = [("requests_desk", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]
