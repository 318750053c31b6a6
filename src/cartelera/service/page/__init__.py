"""The page for viewers at `/ui`, in English and Spanish, without any foreign resource."""
