// One audit event by POST /v1/audit of OpenTelemetry's draft for audit logging (OTEP 0267), and the check of its receipt.
import { createHash } from 'node:crypto';

const keyValues = (attributes) =>
  Object.keys(attributes).sort().map((key) => ({ key, value: { stringValue: attributes[key] } }));

// auditNow resolves when the collector has the event, and rejects when it has not. It is sent again while the collector says
// that it cannot take it now.
export async function auditNow(url, headers, service, eventName, attributes) {
  const resource = { attributes: keyValues(service) };
  const record = { attributes: keyValues(attributes), eventName, timeUnixNano: `${Date.now()}000000` };
  const body = JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] });
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body });
    const receipt = await answer.json();
    if (answer.ok) return check(receipt, record, resource);
    if (![429, 503].includes(answer.status) || attempt === 5) throw new Error(`audit: ${answer.status} ${receipt.reason ?? receipt.status}`);
    await new Promise((wake) => setTimeout(wake, 1000 * Number(answer.headers.get('Retry-After') ?? 1)));
  }
}

// check holds the receipt against the event: what was taken is what was sent. The hash covers RFC 8785's form of the record,
// here with texts only: members and attributes sorted by name.
function check(receipt, record, resource) {
  const canonical = JSON.stringify({
    attributes: record.attributes, eventName: record.eventName, resource, timeUnixNano: record.timeUnixNano,
  });
  const hash = createHash('sha256').update(canonical).digest('hex');
  const id = record.attributes.find(({ key }) => key === 'audit.record.id').value.stringValue;
  if (receipt.record_id !== id || receipt.integrity_hash !== hash) throw new Error('audit: the receipt is of another event');
  return receipt;
}
