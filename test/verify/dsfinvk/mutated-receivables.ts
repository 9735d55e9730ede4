import type { Random } from '../../laws/germany/dsfinvk/random.ts'
import type { Cells, Files } from './mutating.ts'
import { cellsOf, counts, recordsOf, rowsOf, withRecords } from './mutating.ts'

/** The lines of a bon that counts in which a claim arises or is settled; each as bon and number. */
function claimLines(files: Files, which: string): (readonly string[])[] {
  const [header = [], ...rows] = rowsOf(files, 'lines.csv')
  const [place, cancelled] = ['GV_TYP', 'P_STORNO'].map((name) => header.indexOf(name))
  return rows.filter((cells) => {
    const isOf = cells[place ?? 0] === `"Forderungs${which}"` && cells[cancelled ?? 0] === '"0"'
    return isOf && counts('', cells, files)
  })
}

/** True for a row of such a line in lines_vat.csv or references.csv. */
export function isOfClaim(which: 'entstehung' | 'aufloesung') {
  return (_value: string, cells: Cells, files: Files): boolean =>
    claimLines(files, which).some((line) => line[3] === cells[3] && line[4] === cells[4])
}

/** The reference of a settled claim is missing. */
export function withoutClaim(files: Files, random: Random): Files | undefined {
  const records = recordsOf(files, 'references.csv')
  const isOf = isOfClaim('aufloesung')
  const fitting = records.flatMap((record, at) => (isOf('', cellsOf(record), files) ? [at] : []))
  if (fitting.length === 0) return undefined
  return withRecords(files, 'references.csv', records.toSpliced(random.pick(fitting), 1))
}

/** A claim that arises has the number of an article. */
export function articleOnClaim(files: Files, random: Random): Files | undefined {
  const [header = '', ...records] = recordsOf(files, 'lines.csv')
  const place = header.split(';').indexOf('ART_NR')
  const claims = claimLines(files, 'entstehung').map((cells) => cells.join(';'))
  if (claims.length === 0) return undefined
  const changed = random.pick(claims)
  const rows = records.map((record) =>
    record === changed ? cellsOf(record).with(place, '"Artikel"').join(';') : record,
  )
  return withRecords(files, 'lines.csv', [header, ...rows])
}
