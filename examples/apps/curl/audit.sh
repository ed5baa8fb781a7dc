#!/bin/sh
# A script that writes its audit log with curl: two events by OTLP, and one by POST /v1/audit, whose receipt it checks.
set -eu

endpoint=${OTEL_EXPORTER_OTLP_ENDPOINT:-http://127.0.0.1:4318}
resource='{"attributes":[{"key":"service.name","value":{"stringValue":"backup"}}]}'

# attribute NAME VALUE. Values here are plain words: what comes from elsewhere has to be quoted for JSON first (jq does).
attribute() { printf '{"key":"%s","value":{"stringValue":"%s"}}' "$1" "$2"; }

# event NAME ACTION OUTCOME TARGET gives the canonical form of an event: members and attributes sorted by name. It is also
# what the receipt's hash covers.
event() {
    id=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen)
    printf '{"attributes":[%s,%s,%s,%s,%s,%s,%s],"eventName":"%s","resource":%s,"timeUnixNano":"%s000000000"}' \
        "$(attribute audit.action "$2")" "$(attribute audit.actor.id "$(id -un)")" "$(attribute audit.actor.type service)" \
        "$(attribute audit.outcome "$3")" "$(attribute audit.record.id "$id")" "$(attribute audit.target.id "$4")" \
        "$(attribute audit.target.type database)" "$1" "$resource" "$(date +%s)"
}

# request EVENT... wraps events for OTLP. That the resource stands in each of them too does no harm: unknown members are skipped.
request() {
    records=$(printf '%s,' "$@")
    printf '{"resourceLogs":[{"resource":%s,"scopeLogs":[{"logRecords":[%s]}]}]}' "$resource" "${records%,}"
}

# send PATH BODY retries what may be sent again (429, 503), as Retry-After says; every event has an id, so that is safe.
send() {
    printf '%s' "$2" | curl --silent --show-error --fail-with-body --retry 5 --max-time 60 \
        ${AUDIT_TOKEN:+--header "Authorization: Bearer $AUDIT_TOKEN"} \
        --header 'Content-Type: application/json' --data-binary @- "$endpoint$1"
}

answer=$(send /v1/logs "$(request "$(event backup.started EXECUTE success orders)" "$(event backup.exported EXPORT success orders)")")
case $answer in
*rejectedLogRecords*) echo "not all events were taken: $answer" >&2; exit 1 ;;
esac

one=$(event backup.deleted DELETE success orders-2019)
receipt=$(send /v1/audit "$(request "$one")")
hash=$(printf '%s' "$one" | sha256sum | cut -d ' ' -f 1)
case $receipt in
*"\"integrity_hash\":\"$hash\""*) echo "audited: $receipt" ;;
*) echo "the receipt is of another event: $receipt" >&2; exit 1 ;;
esac
