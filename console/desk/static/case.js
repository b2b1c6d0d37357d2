// The page of a case: the form is kept, keys work, answers are laid over the page.
// @ts-check
import "/static/draft.js";
import "/static/keys.js";
import "/static/patch.js";
import "/static/ticking.js";
