// Loaded only on listed pages, for visitors who agreed. No query, no fragment, no identity leaves with an address.
"use strict";

const told = document.currentScript.dataset;

if (!navigator.globalPrivacyControl) {
  window.dataLayer = window.dataLayer || [];
  window.gtag = function gtag() {
    window.dataLayer.push(arguments);
  };
  window.gtag("consent", "default", {
    ad_storage: "denied",
    ad_user_data: "denied",
    ad_personalization: "denied",
    analytics_storage: "granted",
  });
  window.gtag("js", new Date());
  window.gtag("config", told.id, {
    page_location: location.origin + location.pathname,
    page_referrer: "",
    allow_google_signals: false,
    allow_ad_personalization_signals: false,
    cookie_expires: 183 * 24 * 60 * 60,
  });
  const script = document.createElement("script");
  script.async = true;
  script.src = `${told.origin}/gtag/js?id=${encodeURIComponent(told.id)}`;
  document.head.append(script);
}
