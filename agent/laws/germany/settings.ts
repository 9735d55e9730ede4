import { z } from 'zod'
import { strict } from '../../../base/settings/strict.ts'
import { words } from '../../../base/settings/values.ts'
import type { LawSettings } from '../../config/law-settings.ts'
import { hasOurColumns, TAXONOMIES } from '../../register/taxonomy.ts'

const percent = z.int().min(1).max(100)
/** Thresholds for the memory of each TSE. Nothing is deleted automatically unless a threshold is configured. */
const tseMemory = strict({
  warnAtPercent: percent.default(80),
  archiveAtPercent: percent.default(80),
  deleteAtPercent: percent.optional(),
}).prefault({})

const dsfinvk = strict({
  taxonomyVersion: z
    .string()
    .regex(/^\d\.\d$/, 'a version such as "2.4"')
    .refine(hasOurColumns, `${TAXONOMIES.first} or later: before it the columns were others`)
    .default('2.4'),
  exportDrawerOpenings: z.boolean().default(false),
  defaultOperator: words.default('POS'),
}).prefault({})

/** A DSFinV-K version that this program does not write. */
function taxonomyWarnings({ taxonomyVersion: version }: z.output<typeof dsfinvk>): string[] {
  if (version <= TAXONOMIES.last) return []
  return [
    `dsfinvk.taxonomyVersion: ${version} is later than this program, which writes the columns of ${TAXONOMIES.last}`,
  ]
}

export const SETTINGS = {
  word: 'tse',
  keys: {
    tseMemory: { schema: () => tseMemory },
    dsfinvk: { schema: () => dsfinvk, warnings: taxonomyWarnings },
  },
  example: {
    devices: `    // Signs like a real TSE but is only a simulator, for trials. Its state is under "state".
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
    keys: `
  // How full the memory of a TSE is, in percent. "deleteAtPercent", off unless set: the agent empties it.
  "tseMemory": { "warnAtPercent": 80, "archiveAtPercent": 80 },

  // "exportDrawerOpenings": each unattended opening of the drawer is signed and exported.
  "dsfinvk": { "taxonomyVersion": "2.4", "exportDrawerOpenings": false, "defaultOperator": "POS" },
`,
  },
} as const satisfies LawSettings
