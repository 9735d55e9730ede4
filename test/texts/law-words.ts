/** Words that one law has, and no text under another one. */
export const OWN_WORDS = {
  Germany: /\bTSEs?\b|DSFinV|146a|KassenSichV|Geldtransit|DifferenzSollIst|TrinkgeldAN|\bBons?\b/,
  Austria: /RKSV|FinanzOnline|\bDEP\d*\b|Sig-Voriger/,
  Italy: /\bRT\b|documenti? commercial|registro di emergenza|Agenzia delle Entrate/,
} as const
export type LawName = keyof typeof OWN_WORDS

/** Letters and words that only German has. */
export const GERMAN =
  /[äöüÄÖÜß]|\b(?:aber|auf|bis|das|dem|den|der|die|ein|eine|einer|für|im|ist|kein|keine|mit|nicht|oder|ohne|sind|und|vom|von|werden|wird|wurde|wurden|zu|zum|zur|Beleg|Belege|Einlage|Ereignisse|Ergebnis|Hinweis|Journal|Kasse|Kassen|Kette|Pfand\w+|Privat\w+|Siehe|Später|Uhr|Vorgang)\b/
