// Every page loads this; a page says by `data-page` what more it needs.
import { mountLanguage, mountTheme } from "./page.js";

mountTheme();
mountLanguage();
if (document.body.dataset.page === "requests") import("./requests/index.js").then(({ mountRequestPage }) => mountRequestPage());
if (document.body.dataset.page === "lab") import("./lab.js").then(({ mountLab }) => mountLab());
