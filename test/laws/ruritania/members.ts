import { LawMembers } from '../../../agent/register/law-members.ts'
import { FACTS } from './facts.ts'

export const MEMBERS = new LawMembers(`Registers under ${FACTS.name}`, {
  order: false,
  transfer: false,
  employee_benefit: false,
  order_move: false,
  allocation_group: false,
  terminal: false,
  agency: false,
  in_house: false,
  department: false,
  order_line: false,
  line_reference: false,
  reference_kind: false,
  minus_line: false,
  empties_alone: false,
  on_account: false,
  receivable: false,
  single_purpose_voucher: false,
  omaggio: false,
  tip_to_owner: false,
  foreign_cash: false,
  tender: false,
  ticket_count: false,
  rounding: false,
})
