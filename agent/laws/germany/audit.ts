import type { ValuesOf } from '../../../base/settings/law-settings.ts'
import type { AuditFile, AuditRules } from '../audit-rules.ts'
import type { SETTINGS } from './settings.ts'
import { UNSOLD } from './unsold-words.ts'

/** Name of the part that compares TSEs and journal. */
export const TSE_AND_JOURNAL = 'TSE / Journal'
/** Name of the part that compares the bons of packages and lists the unsigned ones. */
export const PACKAGE_AND_JOURNAL = 'DSFinV-K / Journal'

const PACKAGE = 'dsfinvk.zip'

function packageOf(register: string): string {
  return `dsfinvk-${register}.zip`
}

/** True for a package in which the closings of the register belong. */
export function isPackageOf(file: string, register: string): boolean {
  return file === PACKAGE || file === packageOf(register)
}

const GERMAN_FILES = /\.(zip|tar)$/

/** One package for a single merchant, otherwise one for each register; one whole archive for each TSE. */
export const AUDIT: AuditRules<ValuesOf<typeof SETTINGS.keys>> = {
  files: (registers, devices, { isRetired, signing }) => {
    if (registers.length === 0) return []
    const merchants = new Set(registers.map(({ merchant_id }) => merchant_id))
    // A retired TSE cannot be read for the registers that ended with it; its archives are kept.
    const asked = registers.filter(({ fiscal_device, fiscalization }) => {
      const serial = fiscalization?.tse_serial
      return devices.some(({ id }) => id === fiscal_device) || typeof serial !== 'string' || !isRetired(serial)
    })
    // A register that has another TSE now has signatures in the one that it left, too.
    const units = [...new Set([...asked.flatMap(({ fiscal_device }) => fiscal_device ?? []), ...signing])]
    const packages: AuditFile[] =
      merchants.size === 1
        ? [{ file: PACKAGE, type: 'dsfinvk', ofClosings: true }]
        : registers.map(({ id }) => ({
            file: packageOf(id),
            type: 'dsfinvk',
            registerId: id,
            ofClosings: true,
          }))
    const archives = units.map((id): AuditFile => {
      const file = units.length === 1 ? 'tse.tar' : `tse-${id}.tar`
      return { file, type: 'tse_tar', deviceId: id }
    })
    return [...packages, ...archives]
  },
  afterRestore: {
    remedy: 'die TSE anschließen und abfragen (fiskal-edge device adopt ID)',
    unseen: ['Bons ohne Absicherung'],
  },
  comparisons: [
    {
      name: TSE_AND_JOURNAL,
      told: [
        'Was die TSE abgesichert hat und was aufgezeichnet ist, wurde in beiden Richtungen verglichen (TSE / Journal), die',
        'Beträge jedes Bons mit den Positionen und Zahlungen seines Vorgangs: jede processData wurde neu gerechnet (Journal).',
        'Die TSE sichert Summen: die Zahlungsart innerhalb von „Unbar“, den Kunden, die Namen der Artikel und die einzelnen',
        'Positionen eines Steuersatzes sagt nur das Journal.',
      ],
      missing: { files: GERMAN_FILES, what: 'Journal und Speicher der TSE' },
    },
    {
      name: PACKAGE_AND_JOURNAL,
      told: [
        'Umsatz im DSFinV-K-Paket sind die Bons mit BON_TYP „Beleg“ (transactions.csv): Wer Bestellungen (AVBestellung) mitzählt,',
        'zählt ihre Zeilen doppelt. Zeilen mit P_STORNO 1 (lines.csv) wurden vor der Signatur storniert und zählen nicht.',
      ],
      missing: { files: GERMAN_FILES, what: 'Journal und DSFinV-K-Paket' },
    },
  ],
  checked: [
    { files: /\.zip$/, what: 'im DSFinV-K-Paket jede Summe, jede processData und jede Signatur' },
    { files: /\.tar$/, what: 'im TSE-Archiv jede Signatur und die Lücken der Zähler' },
  ],
  unsold: UNSOLD,
  closings: {
    files: /\.zip$/,
    read: async (...given) => (await import('./audit-closings.ts')).closingsOf(...given),
  },
  procedure: async (settings) => (await import('./audit-procedure.ts')).procedureTexts(settings),
}
