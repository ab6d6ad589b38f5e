import { type RestResponse, sendWithRetry } from '../../harness/clients/rest.ts';
import type { Customer } from './customer.ts';

/** Sends with retries, and counts the attempts whose effect is not known. */
export function retried(
  customer: Customer,
  send: () => Promise<RestResponse>,
): Promise<RestResponse> {
  return sendWithRetry(async () => {
    customer.hindered += 1;
    const response = await send();
    if (response.status !== 503) customer.hindered -= 1;
    return response;
  });
}
