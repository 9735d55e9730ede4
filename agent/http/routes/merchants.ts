import { createMerchant, updateMerchant } from '../../contract/merchant.ts'
import { pageQuery } from '../../contract/page.ts'
import type { Application } from '../../till/application.ts'
import { change, readList, readOne } from '../handler.ts'

export function merchantHandlers({ merchants }: Application) {
  return {
    merchantsCreate: change(createMerchant, (mutation, _id, input) => merchants.create(mutation, input)),
    merchantsList: readList(pageQuery, (caller, merchantId, query) => merchants.list(caller, merchantId, query)),
    merchantsGet: readOne((caller, merchantId, id) => merchants.get(caller, merchantId, id)),
    merchantsUpdate: change(updateMerchant, (mutation, id, input) => merchants.update(mutation, id, input)),
  }
}
