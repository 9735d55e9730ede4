import { LawMembers } from '../../register/law-members.ts'
import { FACTS } from './facts.ts'

/** Nothing of restaurants: the RKSV has no receipt for an order, and no table in its files. */
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
  line_reference: true,
  reference_kind: true,
  minus_line: true,
  empties_alone: true,
  on_account: true,
  receivable: true,
  single_purpose_voucher: true,
  omaggio: false,
  tip_to_owner: false,
  foreign_cash: false,
  tender: false,
  ticket_count: false,
  rounding: false,
})
