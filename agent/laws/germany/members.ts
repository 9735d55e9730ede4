import { LawMembers } from '../../register/law-members.ts'
import { FACTS } from './facts.ts'

/** Everything that restaurants and shops of the German trade use. */
export const MEMBERS = new LawMembers(`Registers under ${FACTS.name}`, {
  order: true,
  transfer: true,
  employee_benefit: true,
  order_move: true,
  allocation_group: true,
  terminal: true,
  agency: true,
  in_house: true,
  department: false,
  order_line: true,
  line_reference: true,
  reference_kind: true,
  minus_line: true,
  empties_alone: true,
  on_account: true,
  receivable: true,
  single_purpose_voucher: true,
  omaggio: false,
  tip_to_owner: true,
  foreign_cash: true,
  tender: false,
  ticket_count: false,
  rounding: false,
})
