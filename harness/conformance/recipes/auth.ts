import { AuthService } from '#proto/sagaproof/auth/v1/auth_pb.js';
import { query, type RecipesOf } from '../recipe.ts';

/** Authenticate, with a token that the issuer minted. */
export const authRecipes: RecipesOf = (world) => ({
  service: AuthService,
  recipes: [
    query(AuthService.method.authenticate, async () => ({
      accessToken: await world.mint(world.name('user')),
    })),
  ],
});
