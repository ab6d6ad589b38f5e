import type { ServiceName } from '../../kernel/address-book.ts';
import type { RecipesOf } from '../recipe.ts';
import { authRecipes } from './auth.ts';
import { inventoryRecipes } from './inventory.ts';
import { jobRecipes } from './job-management.ts';
import { orderRecipes } from './order.ts';
import { paymentRecipes } from './payment.ts';
import { queryRecipes } from './query.ts';
import { shippingRecipes } from './shipping.ts';

/** Every service that speaks gRPC. */
export const RECIPES: Readonly<Partial<Record<ServiceName, RecipesOf>>> = {
  auth: authRecipes,
  'job-management': jobRecipes,
  order: orderRecipes,
  inventory: inventoryRecipes,
  payment: paymentRecipes,
  shipping: shippingRecipes,
  query: queryRecipes,
};
