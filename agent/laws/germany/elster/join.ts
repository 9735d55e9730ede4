import { XmlError } from '../../../../base/xml.ts'
import type { JoinedNotice, OtherNotice, OwnNotice } from '../../notices.ts'
import { formXml, readForm } from './form.ts'
import { recounted } from './sheet.ts'

/** One notice has all systems of a place: those of this agent and of others. Throws XmlError, with the name of the file. */
export function joined({ xml, sheet }: OwnNotice, others: readonly OtherNotice[]): JoinedNotice {
  const own = readForm(Buffer.from(xml))
  const records = [...own]
  const files = new Map(own.map(({ SeriennummerAS: serial }) => [serial, 'this agent']))
  const lines: string[] = []
  for (const { name, bytes } of others) {
    const found = named(name, () => readForm(bytes))
    for (const { SeriennummerAS: serial } of found) {
      const other = files.get(serial)
      if (other !== undefined) throw new XmlError(`${name}: the system ${serial} is in ${other} already`)
      files.set(serial, name)
    }
    records.push(...found)
    lines.push(`From ${name}: ${found.map(({ SeriennummerAS: serial }) => serial).join(', ')}\n`)
  }
  return { xml: formXml(records), sheet: [recounted(sheet, own, records), ...lines].join(''), systems: records.length }
}

function named<Result>(name: string, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof XmlError)) throw error
    throw new XmlError(`${name}: ${error.message}`)
  }
}
