import type { Contract } from '../../contract/contract-of.ts'
import { createMerchant, updateMerchant } from '../../contract/merchant.ts'
import { pageQuery } from '../../contract/page.ts'
import type { Application } from '../../till/application.ts'
import { change, readList, readOne } from '../handler.ts'

export function merchantHandlers({ merchants }: Application, contract: Contract) {
  return {
    merchantsCreate: change(contract.of(createMerchant), merchants.create),
    merchantsList: readList(pageQuery, merchants.list),
    merchantsGet: readOne(merchants.get),
    merchantsUpdate: change(contract.of(updateMerchant), merchants.update),
  }
}
