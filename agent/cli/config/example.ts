import { visible } from '../../../base/text.ts'
import { EXAMPLES } from '../../../drivers/catalog.ts'
import { lawCalled } from '../../laws/laws.ts'
import type { Unconfigured } from '../checks/unconfigured.ts'
import { configurationLine } from '../checks/unconfigured.ts'

/**
 * Returns a valid configuration with the reason next to each key. A connected device of that law replaces the one of
 * the example, which stays as a comment.
 */
export function exampleConfig(word: string, plugged: readonly Unconfigured[] = []): string {
  const law = lawCalled(word)
  const { example: keys } = law.settings
  const examples = law.deviceKinds.flatMap((kind) => EXAMPLES[kind]).join('\n')
  const fitting = plugged.filter(({ kind }) => law.deviceKinds.includes(kind))
  const devices = fitting.length === 0 ? examples : devicesWith(fitting, examples)
  return `{
  "version": 1,

  // Journal, exports and keys. Made at the first start, mode 0700.
  "state": "/var/lib/fiskal-edge",

  // The sale API. "localhost" is both 127.0.0.1 and ::1; any address but a loopback one needs "tls".
  "listen": { "host": "localhost", "port": 7070 },
  // "tls": { "names": ["till.shop.example", "192.168.1.10"], "clientCertificates": "required" },   // "off", "optional"
  // Bought ones: "tls": { "certFile": "/etc/fiskal-edge/till.crt", "keyFile": "/etc/fiskal-edge/till.key",
  //   "clientCaFile": "/etc/fiskal-edge/terminals.crt" },
  // Requests of one key, limited on a network: "rate": { "perSecond": 50, "burst": 100 },

  // Names under which tills call, in addition to localhost and the listening addresses:
  "allowedHosts": [],

  // Web pages that may call, by their origin: a till that runs in a browser. "https://till.example"
  "allowedOrigins": [],

  // "as_sent": taxes with 2 to 8 decimals; "strict": always 8.
  "taxPrecision": "as_sent",

  // How long a till waits for an answer at most, from the arrival of its request. On a slow disk the sync that runs then is finished first.
  "deadlineMs": 10000,

  // How long it waits for a device that has just fallen silent, before its receipt reports the outage. At most half of "deadlineMs".
  "deviceGraceMs": 2000,

  "devices": [${devices === '' ? '' : `\n${devices}\n  `}],
${keys}
  // Where the journal is sent:
  "sync": { "targets": [
    // { "id": "cloud", "kind": "https", "url": "https://cloud.example",
    //   "tokenFile": "/etc/fiskal-edge/cloud.token" },
    // { "id": "chain", "kind": "nats", "servers": ["tls://nats.example:4222"], "stream": "FISKAL",
    //   "tenant": "shop", "shards": 1, "credsFile": "/etc/fiskal-edge/nats.creds" },
    // { "id": "disk", "kind": "file", "folder": "/media/backup" },
    // Of the first two: "tls": { "caFile": "…", "certFile": "…", "keyFile": "…" }, of "https" with "spkiSha256"
  ] },

  // Made daily; without a folder in "backups" of the state directory:
  // "backup": { "folder": "/media/stick", "passphraseFile": "/etc/fiskal-edge/backup.passphrase",
  //   "keep": { "daily": 7, "weekly": 4, "monthly": 0 }, "upload": true },

  // Messages about warnings, by mail and webhook: fiskal-edge alert test sends a test message.
  // "webhooks": [ { "id": "office", "url": "https://office.example/hook", "secretFile": "/etc/fiskal-edge/office.secret",
  //   "events": ["alert.*", "agent.alive"] } ],
  // "alerts": {
  //   "mail": { "host": "smtp.example", "port": 587, "security": "starttls", "user": "shop",
  //     "passwordFile": "/etc/fiskal-edge/mail.password", "from": "till@shop.example", "to": ["owner@shop.example"],
  //     "heloName": "till.shop.example" },   // how this machine introduces itself; the default: its public name or address
  //   "quietHours": { "from": "22:00", "to": "06:30" }, "language": "de",
  //   "digest": "07:00",   // or false, or { "at": "07:00", "always": true }
  //   "rules": { "devices": { "afterSeconds": 600, "channels": ["mail"] }, "backup_disks": false } },
  // The other rules: "unsigned_receipts", "device_warnings", "device_memory", "certificates", "journal",
  //   "clock", "disk", "backups", "sync_delays", "sync_stops", "duties", "authority",
  //   "alert_delivery".

  // Whom the shop calls: on the status page, in mails and in fiskal-edge doctor. At least one of the three.
  // "support": { "name": "Kassendienst Muster", "telephone": "+49 30 123456", "mail": "help@dealer.example" },

  // Receipts on a display for the customer; its address: fiskal-edge display REGISTER
  // "digitalReceipt": { "show": ["display"], "holdSeconds": 10 },

  // Austria: registrations, receipt checks and outages at FinanzOnline (docs/finanzonline.md); without it a person reports.
  // "authorities": {
  //   "proxy": { "url": "http://proxy.shop.example:3128", "credentialsFile": "/etc/fiskal-edge/proxy.login" },
  //   "caFile": "/etc/fiskal-edge/ca.pem",   // instead of the public authorities
  //   "finanzonline": {
  //     "mode": "T",   // a trial; "P" for production
  //     "url": "https://finanzonline.bmf.gv.at", "makerVatId": "ATU12345678",   // the VAT id of the maker of the till's software: ask who sold it
  //     "relay": false,   // true for "P" with the URL of another host: its confirmations are then not the office's
  //     "accounts": [ { "merchant": "ATU12345678", "participantFile": "/etc/fiskal-edge/fon.participant",
  //       "userFile": "/etc/fiskal-edge/fon.user", "pinFile": "/etc/fiskal-edge/fon.pin" } ],
  //     "timing": { "callMs": 30000, "retryMinMs": 60000, "retryMaxMs": 3600000, "askMs": 60000, "visibleMs": 900000,
  //       "checkAgainMs": 86400000 } } },

  // Or "debug", "warn", "error", "silent".
  "log": { "level": "info" }
}`
}

function devicesWith(unconfigured: readonly Unconfigured[], devices: string): string {
  const lines = unconfigured.map(({ name, entry, first }) => {
    // The name is the adapter's own.
    const what = visible(first === undefined ? name : `${name}: ${first}`)
    return `    // Plugged in here: ${what}.\n    ${configurationLine(entry)},\n`
  })
  const example = devices.split('\n').map((line) => (/^ *(\/\/|$)/.test(line) ? line : `    // ${line.trim()}`))
  return [...lines, ...example].join('\n')
}
