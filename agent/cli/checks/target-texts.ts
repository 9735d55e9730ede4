import type { ReportLanguage, Translated } from '../audit/report-language.ts'
import { filled } from '../audit/report-language.ts'

/** Sentences about a target in the report of an audit, after its name. */
const GERMAN = {
  gone: 'war Zeuge bis Ereignis {seq} ({day}) und ist dort nicht mehr eingerichtet (witness_missing)',
  silent: 'hat nicht geantwortet{why} (witness_missing)',
  uncompared: 'nicht verglichene Epochen: {count}{why} (witness_epochs_not_compared)',
  nothing: 'hat nichts von Epoche {epoch} dieses Journals',
  unproven: 'nicht belegt',
  proven: 'der Schlüssel dieses Journals hat Ereignis {signed} davon signiert',
  remade:
    'hat als Epoche {epoch} ein anderes Journal ({chainId}): Dieses wurde neu angelegt; {proof} (witness_differs)',
  copied:
    'hat eine Epoche {epoch}, die diesem Journal fehlt: Eine andere Kopie lief dort weiter; {proof} (witness_ahead)',
  otherKey:
    'ein anderer Schlüssel als der dieses Journals hat dort Ereignis {seq} der Epoche {epoch} signiert (witness_differs)',
  unsigned: '',
  signed: ', signiert mit dem Schlüssel dieses Journals',
  changed: 'hat ein anderes Ereignis {seq} der Epoche {epoch}{proof}: Dieses Journal wurde geändert (witness_differs)',
  ahead:
    'hat Ereignisse bis {seq} der Epoche {epoch}{proof}, dieses Journal bis {own}: Es wurde zurückgesetzt (witness_ahead)',
  same: 'hat dasselbe bis Ereignis {seq} der Epoche {epoch}',
  vouched: 'bezeugt die Ereignisse bis {seq} der Epoche {epoch}',
  dismissed: '{what}; zurückgestellt: {reason}',
  replaced:
    'kennt eine spätere Epoche: Eine andere Kopie läuft dort weiter, oder dieses Journal wurde zurückgesetzt (witness_ahead)',
  forked: 'hat von Epoche {epoch} auch eine andere Fassung erhalten (witness_differs)',
} as const

const ITALIAN: Translated<typeof GERMAN> = {
  gone: "è stata testimone fino all'evento {seq} ({day}) e non vi è più configurata (witness_missing)",
  silent: 'non ha risposto{why} (witness_missing)',
  uncompared: 'epoche non confrontate: {count}{why} (witness_epochs_not_compared)',
  nothing: "non ha nulla dell'epoca {epoch} di questo registro",
  unproven: 'non comprovato',
  proven: "la chiave di questo registro ne ha firmato l'evento {signed}",
  remade:
    'ha come epoca {epoch} un altro registro ({chainId}): questo è stato creato di nuovo; {proof} (witness_differs)',
  copied: "ha un'epoca {epoch} che manca in questo registro: là è proseguita un'altra copia; {proof} (witness_ahead)",
  otherKey:
    "una chiave diversa da quella di questo registro vi ha firmato l'evento {seq} dell'epoca {epoch} (witness_differs)",
  unsigned: '',
  signed: ', firmato con la chiave di questo registro',
  changed: "ha un altro evento {seq} dell'epoca {epoch}{proof}: questo registro è stato modificato (witness_differs)",
  ahead:
    "ha eventi fino a {seq} dell'epoca {epoch}{proof}, questo registro fino a {own}: è tornato indietro (witness_ahead)",
  same: "ha lo stesso fino all'evento {seq} dell'epoca {epoch}",
  vouched: "attesta gli eventi fino a {seq} dell'epoca {epoch}",
  dismissed: '{what}; accantonato: {reason}',
  replaced:
    "conosce un'epoca successiva: là prosegue un'altra copia, oppure questo registro è tornato indietro (witness_ahead)",
  forked: "dell'epoca {epoch} ha ricevuto anche un'altra versione (witness_differs)",
}

const TEXTS: Readonly<Record<ReportLanguage, Translated<typeof GERMAN>>> = { de: GERMAN, it: ITALIAN }
/** A sentence in each language of a report. */
export type ReportSentence = Readonly<Record<ReportLanguage, string>>

export function sentenceOf(
  name: keyof typeof GERMAN,
  facts: Readonly<Record<string, string | number | ReportSentence>> = {},
): ReportSentence {
  const inLanguage = (language: ReportLanguage): string => {
    const values = Object.entries(facts).map(([key, fact]) => [key, typeof fact === 'object' ? fact[language] : fact])
    return filled(TEXTS[language][name], Object.fromEntries(values))
  }
  return { de: inLanguage('de'), it: inLanguage('it') }
}
