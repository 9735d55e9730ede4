import { LawMembers } from '../../register/law-members.ts'
import { FACTS } from './facts.ts'

/** Nothing of restaurants. */
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
  line_reference: true,
  reference_kind: true,
  minus_line: true,
  empties_alone: true,
  on_account: true,
  receivable: true,
  single_purpose_voucher: true,
  omaggio: true,
  tip_to_owner: false,
  foreign_cash: false,
  tender: true,
  ticket_count: true,
  rounding: true,
})
