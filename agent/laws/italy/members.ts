import { LawMembers } from '../../register/law-members.ts'
import { FACTS } from './facts.ts'

/** Nothing of restaurants; a line that goes the other way would need a separate document. */
export const MEMBERS = new LawMembers(`Registers under ${FACTS.name}`, {
  order: false,
  transfer: false,
  employee_benefit: false,
  order_move: false,
  allocation_group: false,
  terminal: false,
  agency: false,
  in_house: false,
  department: true,
  order_line: false,
  line_reference: false,
  reference_kind: false,
  minus_line: false,
  empties_alone: false,
  on_account: false,
  receivable: false,
  single_purpose_voucher: true,
  omaggio: true,
  tip_to_owner: false,
  foreign_cash: false,
  tender: true,
  ticket_count: true,
  rounding: true,
})
