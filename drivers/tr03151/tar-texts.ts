/** The findings about an archive, for every caller. `{name}` is filled in. */
const TEXTS = {
  unreadable: { en: '{why}', de: 'ist nicht zu lesen ({why})' },
  packed: { en: '{why}', de: 'ist nicht so verpackt, wie die Norm es will ({why})' },
  alien: { en: 'the file does not belong into an archive', de: 'die Datei gehört nicht in ein Archiv' },
  info_twice: { en: 'the file exists twice', de: 'die Datei ist doppelt vorhanden' },
  info_missing: { en: 'the file is missing', de: 'die Datei fehlt' },
  certificates: {
    en: 'not one of up to {most} certificates on an allowed curve',
    de: 'kein Zertifikat auf einer zulässigen Kurve, oder mehr als {most}',
  },
  certificate_name: {
    en: 'the name is not the hash of the key inside',
    de: 'der Name ist nicht die Prüfsumme des Schlüssels darin',
  },
  certificate_missing: {
    en: 'the certificate of the signing key is missing',
    de: 'das Zertifikat des Signaturschlüssels fehlt',
  },
  certificate_late: {
    en: 'no certificate precedes the log',
    de: 'vor der Absicherung steht kein Zertifikat',
  },
  serial_differs: {
    en: 'the serial number of the logs is not the hash of this key',
    de: 'die Seriennummer der Absicherungen ist nicht die Prüfsumme dieses Schlüssels',
  },
  issuer: { en: '{why}', de: 'die Kette der Zertifikate ist nicht geschlossen ({why})' },
  issuer_unchecked: {
    en: 'the issuer of a card-verifiable certificate is not checked',
    de: 'wer ein kartenprüfbares Zertifikat (CVC) ausgestellt hat, wird nicht geprüft',
  },
  name_differs: { en: 'the content says {name}', de: 'nach dem Inhalt hieße sie {name}' },
  key_differs: {
    en: 'the log is of another key than the first one',
    de: 'die Absicherung ist von einem anderen Schlüssel als die erste',
  },
  counter_twice: { en: 'counter {counter} exists twice', de: 'Signaturzähler {counter} ist doppelt vorhanden' },
  gaps_lost: {
    en: 'too many gaps between the counters to know them all',
    de: 'zu viele Lücken zwischen den Signaturzählern, um alle zu nennen',
  },
  counters_missing: {
    en: 'counters {from} to {to} are missing',
    de: 'die Signaturzähler {from} bis {to} fehlen',
  },
  counters_explained: {
    en: 'counters {from} to {to} are missing, which this audit log has to explain',
    de: 'die Signaturzähler {from} bis {to} fehlen; diese Audit-Meldung muss es erklären',
  },
  signature_wrong: {
    en: 'the signature does not fit the content',
    de: 'die Signatur passt nicht zum Inhalt',
  },
  no_log: { en: 'there is no log inside', de: 'es enthält keine Absicherung' },
} as const satisfies Readonly<Record<string, Readonly<Record<TarLanguage, string>>>>

export type TarLanguage = 'en' | 'de'
export type TarFlaw = keyof typeof TEXTS

export function tarText(
  flaw: TarFlaw,
  language: TarLanguage,
  facts: Readonly<Record<string, string | number>>,
): string {
  return TEXTS[flaw][language].replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name] ?? '?'))
}
