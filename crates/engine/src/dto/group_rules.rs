//! Which assets a group has, and the rules of a request's groups.

use crate::dto::band::check_band_setting;
use crate::dto::checks::check_name;
use crate::dto::groups::{BandGroupRequest, MAX_GROUPS, Membership};
use crate::dto::portfolio::RebalanceRequest;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

impl BandGroupRequest {
    /// The positions of its assets in the request.
    pub(crate) fn members(&self, request: &RebalanceRequest) -> Vec<usize> {
        let Some(membership) = self.membership() else { return Vec::new() };
        let belongs = |i: &usize| {
            let asset = &request.assets[*i];
            match membership {
                Membership::AssetClass(class) => asset.asset_class.as_deref().is_some_and(|own| own.trim() == class),
                Membership::Sleeve(sleeve) => asset.sleeve.as_deref().is_some_and(|own| own.trim() == sleeve),
            }
        };
        (0..request.assets.len()).filter(belongs).collect()
    }
}

impl RebalanceRequest {
    /// Rules of the groups; those of their numbers are checked with the band.
    pub(super) fn check_groups(&self, faults: &mut Faults) {
        let Some(groups) = &self.groups else { return };
        if groups.len() > MAX_GROUPS {
            faults.add("/groups", FaultCode::Limit, format!("must have at most {MAX_GROUPS} entries"));
            return;
        }
        for (k, group) in groups.iter().enumerate() {
            let at = |member: &str| format!("/groups/{k}/{member}");
            for (member, text) in
                [("name", &group.name), ("asset_class", &group.asset_class), ("sleeve", &group.sleeve)]
            {
                if let Some(text) = text {
                    check_name(text, || at(member), faults);
                }
            }
            check_band_setting(&at("band"), &group.band, faults);
            match group.membership() {
                None if group.asset_class.is_some() => {
                    faults.add(at("sleeve"), FaultCode::Value, "send asset_class or sleeve, not both");
                }
                None => {
                    faults.add(at("asset_class"), FaultCode::Required, "is required, or a sleeve");
                }
                Some(membership) if group.members(self).is_empty() => {
                    let (member, detail) = match membership {
                        Membership::AssetClass(_) => ("asset_class", "no asset has this asset_class"),
                        Membership::Sleeve(_) => ("sleeve", "no asset has this sleeve"),
                    };
                    faults.add(at(member), FaultCode::Value, detail);
                }
                Some(_) => {}
            }
            if groups[..k].iter().any(|earlier| earlier.title() == group.title()) {
                let member = [("name", &group.name), ("asset_class", &group.asset_class), ("sleeve", &group.sleeve)]
                    .into_iter()
                    .find_map(|(member, text)| text.as_ref().map(|_| member));
                faults.add(at(member.unwrap_or("name")), FaultCode::DuplicateName, "repeats the name of another group");
            }
            if faults.is_full() {
                return;
            }
        }
    }
}
