import type { Unconfigured } from '../checks/unconfigured.ts'
import { configurationLine } from '../checks/unconfigured.ts'

type Law = 'tse' | 'rksv' | 'rt'

const DEVICES: Readonly<Record<Law, string>> = {
  tse: `    // Signs like a real TSE but is only a simulator, for trials. Its state is under "state".
    { "id": "tse-1", "driver": "tse-simulator", "curve": "P-256", "latencyMs": 0 },

    // Replace it with a certified unit. A new one gets its PINs and PUKs by "device init": those of files that are
    // named here, else new ones, stored encrypted and shown once. Diebold delivers its own: its two files are needed.
    // { "id": "tse-1", "driver": "tse-cryptovision", "path": "/media/tse",
    //   "adminPinFile": "/etc/fiskal-edge/admin.pin", "timeAdminPinFile": "/etc/fiskal-edge/time.pin",
    //   "adminPukFile": "/etc/fiskal-edge/admin.puk", "timeAdminPukFile": "/etc/fiskal-edge/time.puk" },
    // { "id": "tse-1", "driver": "tse-swissbit", "path": "/media/swissbit", "library": "/opt/worm/libWormAPI.so",
    //   "adminPinFile": "/etc/fiskal-edge/admin.pin", "timeAdminPinFile": "/etc/fiskal-edge/time.pin",
    //   "pukFile": "/etc/fiskal-edge/puk" },
    // A TSE Server has an entry for each of its TSEs, with its "deviceId" there, by default "local_TSE":
    // { "id": "tse-1", "driver": "tse-epson", "tcp": { "host": "192.168.1.20", "port": 8009 },
    //   "adminPinFile": "/etc/fiskal-edge/admin.pin", "timeAdminPinFile": "/etc/fiskal-edge/time.pin",
    //   "pukFile": "/etc/fiskal-edge/puk", "secretFile": "/etc/fiskal-edge/epson.secret" },   // unless it is the factory's
    // SingleTSE; a ConnectBox has "tcp" with its "host" and "port" instead of "serial", and an entry for each slot:
    // { "id": "tse-1", "driver": "tse-diebold", "serial": { "path": "/dev/serial/by-id/usb-…", "baudRate": 115200 },
    //   "slot": 1, "adminPinFile": "/etc/fiskal-edge/admin.pin", "timeAdminPinFile": "/etc/fiskal-edge/time.pin" },
    // A key in a token, NOT CERTIFIED; "key" is its label if the token has several:
    // { "id": "tse-1", "driver": "tse-pkcs11", "module": "/usr/lib/softhsm/libsofthsm2.so", "token": "edge",
    //   "pinFile": "/etc/fiskal-edge/tse.pin", "curve": "P-256", "key": "label", "certFile": "/etc/fiskal-edge/tse.crt" },
    // How long the agent waits for each of them, Diebold's "replyMs" 1500: "timeouts": { "replyMs": 5000, "longMs": 120000 }`,
  rksv: `    // Signs like a card but is only a simulator, for trials.
    { "id": "card-1", "driver": "card-simulator" },

    // Replace it with a signature card and its PKCS#11 library:
    // { "id": "card-1", "driver": "card-pkcs11", "module": "/usr/lib/pkcs11.so",
    //   "token": "card", "pinFile": "/etc/fiskal-edge/card.pin", "vda": "AT1" },
    // "key" is the label of its key if the token has several, "certFile" its certificate if the token has no certificate.`,
  rt: `    // The printer is the fiscal memory. A stable name is under /dev/serial/by-id/.
    { "id": "rt-1", "driver": "rt-rch",
      "serial": { "path": "/dev/ttyUSB0", "baudRate": 9600 },
      // VAT rate or natura code: department as the installer programmed it
      "departments": { "0.22": 1, "0.10": 2, "0.05": 3, "0.04": 4,
                       "N1": 5, "N2": 6, "N3": 7, "N4": 8, "N5": 9, "N6": 10 },
      // How long the line is waited for: acknowledgement, reply, printing, reports, between two bytes. "rt-custom" has no
      // "gapMs", "rt-epson" no "ackMs" either
      "timeouts": { "ackMs": 1000, "replyMs": 5000, "printMs": 30000, "longMs": 180000, "gapMs": 10000 },
      // What differs by model and firmware; left out, the usual holds
      "profile": { "address": "01", "protocol": "N", "textMax": 36, "nonFiscalTextMax": 48, "tenders": 11,
                   "changeTenders": [1, 3, 5], "repeats": 3, "nakQuietMs": 50, "busyPauseMs": 500, "busyMs": 30000,
                   "pollMs": 200, "paperWaitMs": 3000 } },

    // On the network: "tcp": { "host": "192.168.1.31", "port": 23 } instead of "serial"; by its USB ids:
    // "serial": { "usb": { "vendorId": "0x1a86", "productId": "0x7523", "serialNumber": "A1" } }, the last where it has one
    // { "id": "rt-1", "driver": "rt-custom", "serial": { "path": "/dev/ttyACM0", "baudRate": 19200 },
    //   "profile": { "textMax": 32, "nackQuietMs": 50, "busyPauseMs": 500, "busyMs": 30000, "pollMs": 200,
    //                "tenders": { "1": "01", "2": "07", "3": "02", "4": "03", "5": "05", "6": "50", "7": "51", "8": "52", "9": "53" } } },
    // On USB without a serial line: "usb": { "vendorId": "0x0dd4", "productId": "0x01a8", "serialNumber": "K3" } instead of it
    // A printer in software, for trials only: { "id": "rt-1", "driver": "rt-simulator" },
    // { "id": "rt-1", "driver": "rt-epson", "http": { "host": "192.168.1.30" } },`,
}

const REST: Readonly<Record<Law, string>> = {
  tse: `
  // How full the memory of a TSE is, in percent. "deleteAtPercent", off unless set: the agent empties it.
  "tseMemory": { "warnAtPercent": 80, "archiveAtPercent": 80 },

  // "exportDrawerOpenings": each unattended opening of the drawer is signed and exported.
  "dsfinvk": { "taxonomyVersion": "2.4", "exportDrawerOpenings": false, "defaultOperator": "POS" },
`,
  rksv: `
  // Used in order while the first card is down:
  // "rksv": { "fallbacks": { "card-1": ["card-0"] },
  //   // The Datenerfassungsprotokoll of § 131b BAO, each day a file for each register, kept 7 years:
  //   "dep131": { "folder": "/mnt/office/dep131", "keepDays": 2557 } },
`,
  rt: `
  // How the printer numbers its tenders, and those of tips and gift cards. "other" has no number unless it is named here:
  // which class is printed decides whether the money counts as electronic.
  "rt": {
    "tenders": { "cash": 1, "card": 4, "mobile": 4, "online": 4, "digital_wallet": 4,
                 "voucher": 5, "bank_transfer": 7, "gift_card": 10, "store_credit": 10 },
    "tipDepartment": "N1", "giftCardDepartment": "N2"
  },
`,
}

/**
 * A configuration that passes its own check, with the reason next to each key. A plugged device that fits the law
 * replaces the device of the example, which stays as a comment.
 */
export function exampleConfig(law: Law, plugged: readonly Unconfigured[] = []): string {
  const found = plugged.filter((device) => device.law === law)
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
  "tax_precision": "as_sent",

  // How long a till waits for an answer at most.
  "deadlineMs": 10000,

  // How long it waits for a device that has just fallen silent, before its receipt reports the outage. At most half of "deadlineMs".
  "blipMs": 2000,

  "devices": [
${found.length === 0 ? DEVICES[law] : devicesWith(found, law)}
  ],
${REST[law]}
  // Where the journal is replayed to:
  "sync": { "targets": [
    // { "id": "cloud", "kind": "https", "url": "https://cloud.example",
    //   "tokenFile": "/etc/fiskal-edge/cloud.token" },
    // { "id": "chain", "kind": "nats", "servers": ["tls://nats.example:4222"], "stream": "FISKAL",
    //   "tenant": "shop", "shards": 1, "credsFile": "/etc/fiskal-edge/nats.creds" },
    // { "id": "disk", "kind": "file", "path": "/media/backup" },
    // Of the first two: "tls": { "caFile": "…", "certFile": "…", "keyFile": "…" }, of "https" with "spkiSha256"
  ] },

  // Made daily; without a folder in "backups" of the state directory:
  // "backup": { "folder": "/media/stick", "passphraseFile": "/etc/fiskal-edge/backup.passphrase",
  //   "keep": { "daily": 7, "weekly": 4, "monthly": 0 }, "upload": true },

  // Or "debug", "warn", "error", "silent".
  "log": { "level": "info" }
}`
}

function devicesWith(found: readonly Unconfigured[], law: Law): string {
  const lines = found.map(({ name, entry, first }) => {
    const what = first === undefined ? name : `${name}: ${first}`
    return `    // Plugged in here: ${what}.\n    ${configurationLine(entry)},\n`
  })
  const example = DEVICES[law].split('\n').map((line) => (/^ *(\/\/|$)/.test(line) ? line : `    // ${line.trim()}`))
  return [...lines, ...example].join('\n')
}
