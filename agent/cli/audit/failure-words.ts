import { describeFailure } from '../../failure.ts'
import { codeOf } from '../../thrown.ts'

const WORDS: Readonly<Record<string, string>> = {
  export_dsfinvk_no_closed_sessions:
    'Im Zeitraum ist keine Kassensitzung abgeschlossen: Ein DSFinV-K-Paket gibt es nicht.',
  dsfinvk_refused: 'Das DSFinV-K-Paket bestand die eigene Prüfung nicht und wird so nicht überlassen.',
  unavailable: 'Das Gerät antwortet nicht: anschließen und den Prüfbericht wiederholen.',
  not_found: 'Das Gerät oder die Kasse ist nicht eingerichtet.',
  storage_unavailable: 'Der Datenträger ist voll oder defekt.',
}
/** Codes whose message names what was found. */
const NAMED: ReadonlySet<string> = new Set(['dsfinvk_refused', 'not_found', 'storage_unavailable'])

/** A failure in the report: a German sentence and the code in brackets, where there is one. */
export function failureWords(error: unknown): string {
  const code = String(codeOf(error))
  const words = WORDS[code]
  if (words === undefined) return describeFailure(error)
  const named = NAMED.has(code) && error instanceof Error ? ` ${error.message}` : ''
  return `${words}${named} (${code})`
}
