import type { Text } from './text.ts'

/** Sentences about an outage of a device, and the end of any other warning, for the shop. */
export const OUTAGE_TEXTS = {
  sells_on: { en: 'You can continue to sell.', de: 'Sie können weiter verkaufen.', it: 'Potete continuare a vendere.' },
  notice: {
    en: 'Receipts carry the notice "{}".',
    de: 'Die Belege tragen den Hinweis „{}“.',
    it: 'Gli scontrini riportano l’avviso «{}».',
  },
  sells_nothing: {
    en: 'Nothing can be sold without this device.',
    de: 'Ohne dieses Gerät kann nicht verkauft werden.',
    it: 'Senza questo dispositivo non si può vendere.',
  },
  unsigned_none: { en: 'no receipt without a signature', de: 'kein Beleg ohne Signatur', it: 'nessuno senza firma' },
  unsigned_one: { en: '1 receipt without a signature', de: '1 Beleg ohne Signatur', it: '1 scontrino senza firma' },
  unsigned: { en: '{} receipts without a signature', de: '{} Belege ohne Signatur', it: '{} scontrini senza firma' },
  over: { en: 'The warning "{}" is over.', de: 'Die Meldung „{}“ ist erledigt.', it: 'L’avviso «{}» è terminato.' },
  last_day: { en: 'in the last 24 hours {}', de: 'in den letzten 24 Stunden {}', it: 'nelle ultime 24 ore {}' },
} satisfies Readonly<Record<string, Text>>

/** The end of an outage, by the kind of its device: one without a row does not compile. */
export const BACK_TEXTS = {
  tse: { en: 'The TSE answers again.', de: 'Die TSE antwortet wieder.', it: 'La TSE risponde di nuovo.' },
  signature_card: {
    en: 'The signature unit answers again.',
    de: 'Die Signatureinheit antwortet wieder.',
    it: 'Il dispositivo di firma risponde di nuovo.',
  },
  fiscal_printer: {
    en: 'The printer answers again.',
    de: 'Der Drucker antwortet wieder.',
    it: 'La stampante risponde di nuovo.',
  },
} satisfies Readonly<Record<string, Text>>
