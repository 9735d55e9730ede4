import type { Findings, FindingTexts } from '../../../journal/books/findings.ts'

/** Findings about Austrian receipts, by stable code. */
export const TEXTS = {
  rksv_number_gap: {
    level: 'error',
    en: 'Register {register}: receipt {to} of the chain follows {from}.',
    de: 'In der Belegkette der Kasse {register} folgt auf Beleg {from} der Beleg {to}.',
  },
  rksv_chain_broken: {
    level: 'error',
    en: 'Register {register}: receipt {number} is not chained to the receipt before it.',
    de: 'Kasse {register}: Beleg {number} ist nicht mit dem Beleg davor verkettet.',
  },
  rksv_turnover_differs: {
    level: 'error',
    en: 'Register {register}: after receipt {number} the turnover counter is recorded as {stated}, the receipts come to {counted}.',
    de: 'Kasse {register}: Nach Beleg {number} ist der Umsatzzähler mit {stated} aufgezeichnet, die Belege ergeben {counted}.',
  },
  rksv_amounts_differ: {
    level: 'error',
    en: 'Register {register}: the code of receipt {number} has {stated}, its lines come to {counted}, its payments to {paid}.',
    de: 'Kasse {register}: Der Code von Beleg {number} trägt {stated}; seine Positionen ergeben {counted}, seine Zahlungen {paid}.',
  },
  rksv_dep_differs: {
    level: 'error',
    en: 'Receipt {number} of register {register}: the DEP7 has {dep}, the journal has {recorded}.',
    de: 'Beleg {number} der Kasse {register}: Das DEP7 hat {dep}, aufgezeichnet ist {recorded}.',
  },
  rksv_signature_wrong: {
    level: 'error',
    en: 'Register {register}: receipt {number} is not signed with the key of the signature unit {serial}.',
    de: 'Kasse {register}: Beleg {number} ist nicht mit der Signatureinheit {serial} signiert.',
  },
  rksv_unit_unknown: {
    level: 'error',
    en: 'Register {register}: receipt {number} names the signature unit {serial}, which the journal did not enrol before it.',
    de: 'Kasse {register}: Beleg {number} nennt die Signatureinheit {serial}; bis dahin ist sie nicht aufgezeichnet.',
  },
  rksv_older_copy_differs: {
    level: 'error',
    en: 'Register {register}: from receipt {number} on, the chain in {newer} is not that of the older copy {older} ({count} receipts).',
    de: 'Kasse {register}: Ab Beleg {number} ist die Belegkette in {newer} nicht die der älteren Kopie {older} ({count} Belege).',
  },
} as const satisfies FindingTexts

export type ReceiptFindings = Findings<keyof typeof TEXTS>
