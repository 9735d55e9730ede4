import type { Dialect } from '../recording/dialect.ts'

/** Enquiries of directIO: the state of the RT, the last document, the last closure, the matricola, a reversed document. */
const ENQUIRIES = ['1138', '1387', '2052', '3217', '9205']
const READS = new RegExp(
  `<s:Body><printerCommand>(?:<directIO command="(?:${ENQUIRIES.join('|')})" data="\\w*"/>|<queryPrinterStatus [^<>]*/>)</printerCommand></s:Body>`,
)

export const EPSON_DIALECT: Dialect = {
  reads: (sent) => READS.test(sent),
  answers: (recorded, heard, asked) => (bodyOf(recorded) === bodyOf(asked) ? heard : undefined),
  // The service has no login.
  redacted: (text) => text,
}

/** Without the path, which has the timeout. */
function bodyOf(text: string): string {
  return text.slice(text.indexOf('\n\n'))
}
