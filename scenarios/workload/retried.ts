import { NoAnswer, type RestResponse, sendWithRetry } from '../../harness/clients/rest.ts';
import type { Customer } from './customer.ts';

/** Sends with retries, and counts the attempts whose effect is not known. */
export const retried = (
  customer: Customer,
  send: () => Promise<RestResponse>,
): Promise<RestResponse> =>
  sendWithRetry(async () => {
    const response = await send().catch((error: unknown) => {
      if (error instanceof NoAnswer) customer.hindered += 1;
      throw error;
    });
    if (response.status === 503) customer.hindered += 1;
    return response;
  });
