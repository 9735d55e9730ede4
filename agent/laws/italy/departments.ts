import { toAtoms } from '../../../base/money.ts'
import { FiskalError } from '../../errors.ts'
import type { Goods, LineSettings } from './lines.ts'
import { departmentCodes, departmentKeyed, departmentOf } from './vat.ts'

type Line = Goods['line_items'][number]

/**
 * Throws for a line or tip without a department of the printer: `tax_rate_not_supported`, and `department_unknown` for a
 * department that the line names.
 */
export function checkDepartments(lines: readonly Line[], tip: string, settings: LineSettings): void {
  const { departments, giftCardDepartment, tipDepartment } = settings
  for (const [index, line] of lines.entries())
    if (departmentOf(line, departments, giftCardDepartment) === undefined)
      throw withoutDepartment(line, index, settings)
  if (toAtoms(tip) === 0n || departmentKeyed(tipDepartment, departments) !== undefined) return
  throw new FiskalError(
    'tax_rate_not_supported',
    `The printer has no department for tips (${tipDepartment}): see "tipDepartment" and "departments".`,
    { rate: tipDepartment },
  )
}

function withoutDepartment(line: Line, index: number, { departments, giftCardDepartment }: LineSettings): FiskalError {
  const { department, taxes } = line
  const { rate = '0', code } = taxes[0] ?? {}
  const words = code === undefined ? `rate ${rate}` : `natura ${code}`
  if (department === undefined)
    return new FiskalError('tax_rate_not_supported', `The printer has no department for ${words}: see "departments".`, {
      line_index: index,
      tax_index: 0,
      rate,
    })
  const known = departmentCodes(line, departments, giftCardDepartment)
  const names = known.length === 0 ? 'none' : known.join(', ')
  return new FiskalError(
    'department_unknown',
    `The printer has no department "${department}" for ${words}; "departments" has ${names} there.`,
    { line_index: index, department, rate: code ?? rate, known },
  )
}
