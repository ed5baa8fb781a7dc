// An application that writes its audit log: with OpenTelemetry's SDK, and by POST /v1/audit where it must know that one event
// is kept before it goes on.
import { randomUUID } from 'node:crypto';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { auditNow } from './audit.js';

const endpoint = process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? 'http://127.0.0.1:4318';
const headers = process.env.AUDIT_TOKEN ? { Authorization: `Bearer ${process.env.AUDIT_TOKEN}` } : {};
const service = { 'service.name': 'shop-js', 'service.version': '1.0.0' };

// The SDK sends a request again that was not answered, and gives up after a while. An audit log has to notice that.
class NoticeLosses extends OTLPLogExporter {
  lost = 0;

  export(records, done) {
    super.export(records, (result) => {
      if (result.code !== 0) this.lost += records.length;
      done(result);
    });
  }
}

const exporter = new NoticeLosses({ url: `${endpoint}/v1/logs`, headers });
const provider = new LoggerProvider({
  resource: resourceFromAttributes(service),
  processors: [new BatchLogRecordProcessor({ exporter })],
});
const logger = provider.getLogger('audit');

// audit says who did what to what, and how it ended.
function audit(eventName, attributes) {
  logger.emit({
    eventName,
    timestamp: new Date(),
    attributes: { 'audit.record.id': randomUUID(), ...attributes }, // the id makes it safe to send an event twice
  });
}

const ann = { 'audit.actor.id': 'u-17', 'audit.actor.type': 'user', 'user.email': 'ann@example.com' };

audit('user.login', { ...ann, 'audit.action': 'LOGIN', 'audit.outcome': 'success', 'client.address': '192.0.2.17' });
audit('runReport', {
  ...ann, 'audit.action': 'EXECUTE', 'audit.outcome': 'success', 'audit.target.type': 'report', 'audit.target.id': 'r-9',
  'db.query.text': "SELECT total FROM orders WHERE customer = 'bob@example.com'", 'audit.query.language': 'sql',
});
audit('deleteOrder', {
  ...ann, 'audit.action': 'DELETE', 'audit.outcome': 'failure', 'audit.target.type': 'order', 'audit.target.id': '4711',
  'error.type': 'permission_denied',
});
await provider.shutdown(); // sends what is left
if (exporter.lost > 0) throw new Error(`${exporter.lost} audit events were not taken`);

// This one is on disk, with a receipt for it, before the account is gone.
const receipt = await auditNow(`${endpoint}/v1/audit`, headers, service, 'deleteAccount', {
  ...ann, 'audit.record.id': randomUUID(), 'audit.action': 'DELETE', 'audit.outcome': 'success',
  'audit.target.type': 'account', 'audit.target.id': 'u-18',
});
console.log(`audited: ${receipt.status} ${receipt.record_id}`);
