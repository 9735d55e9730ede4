import type { UnsoldWords } from '../../laws/audit-rules.ts'

/** A report is in the language of the law of its shop. */
export type ReportLanguage = UnsoldWords['language']

/** The same texts in another language; two forms are those of one and of many. */
export type Translated<Texts> = {
  readonly [Name in keyof Texts]: Texts[Name] extends string ? string : readonly [string, string]
}

/** The text with its values. One that is missing stays to be filled. */
export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? `{${name}}`))
}
